// npm @sd-jwt/jwt-status-list reads the status list, npm jose its signature.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { getListFromStatusListJWT, getStatusListFromJWT } from '@sd-jwt/jwt-status-list'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { Server, furnish } from './support/server.mjs'

let server, house

before(async () => {
  server = await Server.start()
  house = await furnish(server)
})
after(() => server?.stop())

const generate = () => house.grace.must('POST', house.tokensPath, { name: 'listed', lifetime_days: 30 })

/** As a resource server would: the list that the token names, signature, type and age checked. */
async function statusOf(accessToken) {
  const entry = getStatusListFromJWT(accessToken)
  const response = await server.fetch(new URL(entry.uri).pathname, { headers: { accept: 'application/statuslist+jwt' } })
  assert.equal(response.status, 200)
  const jwt = await response.text()
  const { payload } = await jwtVerify(jwt, createRemoteJWKSet(new URL(server.url + '/oauth2/jwks')), { typ: 'statuslist+jwt' })
  assert.equal(payload.sub, entry.uri)
  assert.equal(payload.exp, payload.iat + payload.ttl)
  return getListFromStatusListJWT(jwt).getStatus(entry.idx)
}

/** A list may be a second old when it is served: asks until it is newer than the change. */
async function statusAfterChange(accessToken) {
  const changed = Date.now()
  for (;;) {
    const status = await statusOf(accessToken)
    if (status === 1 || Date.now() - changed > 2_500) return status
  }
}

test('a live token is 0; one disabled with access: revoke is 1 within the list’s ttl', async () => {
  const kept = await generate()
  const revoked = await generate()
  assert.equal(await statusOf(kept.access_token), 0)
  assert.equal(await statusOf(revoked.access_token), 0)
  await house.grace.must('POST', `${house.tokensPath}/${revoked.token.id}:disable`, { access: 'revoke' })
  assert.equal(await statusAfterChange(revoked.access_token), 1)
  assert.equal(await statusOf(kept.access_token), 0)
})

test('many tokens: the list says 1 of exactly those that were revoked', async () => {
  const tokens = await Promise.all(Array.from({ length: 40 }, generate))
  const dead = tokens.filter((_, index) => index % 3 === 0)
  const ids = dead.map(({ token }) => token.id)
  await house.grace.must('POST', `${house.tokensPath}:batchDelete`, { ids, access: 'revoke' })
  assert.equal(await statusAfterChange(dead.at(-1).access_token), 1)
  for (const { token, access_token } of tokens) {
    assert.equal(await statusOf(access_token), ids.includes(token.id) ? 1 : 0)
  }
})

test('the list is cacheable, small', async () => {
  const { token, access_token } = await generate()
  await house.grace.must('POST', `${house.tokensPath}/${token.id}:disable`, { access: 'revoke' })
  assert.equal(await statusAfterChange(access_token), 1)
  const response = await server.fetch('/oauth2/status/0')
  assert.match(response.headers.get('cache-control'), /^public, max-age=(59|60)$/)
  assert.ok((await response.text()).length < 2_000)
  assert.equal((await server.fetch('/oauth2/status/1')).status, 404)
})
