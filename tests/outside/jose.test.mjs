// npm jose reads the access tokens with the remote key set, and refuses forgeries made from real ones.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createHmac } from 'node:crypto'
import * as jose from 'jose'
import { Server, furnish } from './support/server.mjs'

let server, house, keys, token, options

before(async () => {
  server = await Server.start()
  house = await furnish(server)
  keys = jose.createRemoteJWKSet(new URL(server.url + '/oauth2/jwks'))
  token = (await house.grace.must('POST', house.tokensPath, { name: 'ci', lifetime_days: 7 })).access_token
  options = { issuer: server.url, audience: house.workspace.audience, typ: 'at+jwt', algorithms: ['EdDSA'] }
})
after(() => server?.stop())

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const introspects = async (candidate) => {
  const basic = Buffer.from(`${house.resourceServer.id}:${house.resourceServer.secret}`).toString('base64')
  const response = await server.fetch('/oauth2/introspect', {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token: candidate }),
  })
  assert.equal(response.status, 200)
  return response.json()
}

test('the remote key set verifies a token, and the kid is the key’s thumbprint', async () => {
  const { payload, protectedHeader } = await jose.jwtVerify(token, keys, options)
  assert.equal(payload.tally_workspace, house.workspace.id)
  assert.equal(payload.exp - payload.iat, 3600)
  const { keys: published } = await (await server.fetch('/oauth2/jwks')).json()
  const key = published.find(({ kid }) => kid === protectedHeader.kid)
  assert.equal(await jose.calculateJwkThumbprint(key), key.kid)
  assert.equal(key.d, undefined)
})

test('forgeries are refused by the library and by introspection', async (t) => {
  const [header, payload, signature] = token.split('.')
  const { keys: [published] } = await (await server.fetch('/oauth2/jwks')).json()
  const publicKey = Buffer.from(published.x, 'base64url')
  const kid = published.kid
  const stranger = await jose.generateKeyPair('EdDSA', { crv: 'Ed25519' })
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  const sign = (changes, headerChanges = {}) =>
    new jose.SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid, ...headerChanges }).sign(stranger.privateKey)
  const hmacInput = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${payload}`
  const forgeries = {
    'alg none': `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
    'alg none, with the signature': `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.${signature}`,
    'HS256 keyed with the public key': `${hmacInput}.${createHmac('sha256', publicKey).update(hmacInput).digest('base64url')}`,
    'another key under our kid': await sign({}),
    'an unknown kid': await sign({}, { kid: 'unknown' }),
    'a longer life': `${header}.${encode({ ...claims, exp: claims.exp + 86_400 })}.${signature}`,
    'another workspace': `${header}.${encode({ ...claims, tally_workspace: 'ws_00000000000000000000000000' })}.${signature}`,
    'no signature': `${header}.${payload}.`,
  }
  for (const [name, forged] of Object.entries(forgeries)) {
    await t.test(name, async () => {
      await assert.rejects(jose.jwtVerify(forged, keys, options))
      assert.deepEqual(await introspects(forged), { active: false })
    })
  }
  assert.equal((await introspects(token)).active, true)
})
