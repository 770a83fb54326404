// The signing keys of a server as others see them: npm jose with a remote key set that rotates, restarts, algorithms, the master key.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as jose from 'jose'
import { OPERATOR_PASSWORD, Server, furnish } from './support/server.mjs'

let folder
before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-keys-'))))
after(() => rm(folder, { recursive: true, force: true }))

const kidOf = (token) => jose.decodeProtectedHeader(token).kid
const remoteKeys = (server) => jose.createRemoteJWKSet(new URL(server.url + '/oauth2/jwks'), { cooldownDuration: 0 })
const publishedBy = async (server) => (await (await server.fetch('/oauth2/jwks')).json()).keys.map(({ kid }) => kid)

async function introspect(server, house, token) {
  const basic = Buffer.from(`${house.resourceServer.id}:${house.resourceServer.secret}`).toString('base64')
  const response = await server.fetch('/oauth2/introspect', {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }),
  })
  assert.equal(response.status, 200)
  return response.json()
}

async function generate(house, more = {}) {
  return house.grace.must('POST', house.tokensPath, { name: 'ci', lifetime_days: 7, ...more })
}

function optionsFor(house, issuer, algorithm = 'EdDSA') {
  return { issuer, audience: house.workspace.audience, typ: 'at+jwt', algorithms: [algorithm] }
}

/** Starts a tallyd that must not come up. */
async function refused(args) {
  const child = spawn(process.env.TALLYD, ['--listen', '127.0.0.1:0', ...args], {
    env: { ...process.env, TALLY_OPERATOR_PASSWORD: OPERATOR_PASSWORD },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (piece) => (said += piece))
  const [code] = await once(child, 'exit')
  return { code, said }
}

/** A server whose public address stays the same over its ports. */
async function startAs(issuer, dataFolder) {
  const server = await Server.start({ dataFolder, args: ['--issuer', issuer] })
  server.origin = issuer
  return server
}

test('a key is published before it signs, takes over, and its predecessor’s tokens live on', async () => {
  const issuer = 'https://tokens.example.com'
  const dataFolder = join(folder, 'rotating')
  let server = await startAs(issuer, dataFolder)
  const house = await furnish(server)
  const options = optionsFor(house, issuer)
  const early = (await generate(house)).access_token
  const known = remoteKeys(server)
  await jose.jwtVerify(early, known, options)

  const waiting = await house.operator.must('POST', '/v1/keys:rotate', {})
  assert.equal(waiting.status, 'pending')
  assert.ok(new Date(waiting.activates_at) - new Date(waiting.added_at) >= 300_000)
  assert.deepEqual(await publishedBy(server), [waiting.id, kidOf(early)])
  assert.equal(kidOf((await generate(house)).access_token), kidOf(early))
  assert.equal((await house.operator.request('POST', '/v1/keys:rotate', {})).status, 409)

  // A power cut in between changes nothing.
  await server.kill()
  server = await startAs(issuer, dataFolder)
  assert.deepEqual(await publishedBy(server), [waiting.id, kidOf(early)])
  const operator = await server.operator()

  const now = await operator.must('POST', '/v1/keys:rotate', { activate: 'now' })
  assert.equal(now.status, 'active')
  assert.deepEqual(await publishedBy(server), [now.id, kidOf(early)])
  const grace = await server.signIn(house.grace.user.username, 'a-long-enough-password')
  const late = (await grace.must('POST', house.tokensPath, { name: 'late', lifetime_days: 7 })).access_token
  assert.equal(kidOf(late), now.id)
  const later = remoteKeys(server)
  for (const token of [early, late]) {
    await jose.jwtVerify(token, later, options)
    assert.equal((await introspect(server, house, token)).active, true)
  }

  const retire = `/v1/keys/${kidOf(early)}:retire`
  assert.equal((await operator.request('POST', retire, {})).status, 409)
  assert.equal((await operator.must('POST', retire, { access: 'revoke' })).retirement, 'forced')
  assert.deepEqual(await introspect(server, house, early), { active: false })
  assert.equal((await introspect(server, house, late)).active, true)
  await assert.rejects(jose.jwtVerify(early, remoteKeys(server), options), jose.errors.JWKSNoMatchingKey)
  assert.deepEqual(
    (await operator.must('GET', '/v1/keys')).items.map(({ status }) => status),
    ['active', 'retired', 'retired'],
  )
  const files = await readdir(join(dataFolder, 'keys'))
  assert.deepEqual(files.filter((name) => name.startsWith('signing-')), [`signing-${now.id}.key`])

  await server.kill()
  server = await startAs(issuer, dataFolder)
  assert.deepEqual(await publishedBy(server), [now.id])
  assert.deepEqual(await introspect(server, house, early), { active: false })
  assert.equal((await introspect(server, house, late)).active, true)
  await server.stop()
})

for (const algorithm of ['ES256', 'RS256']) {
  test(`a server that signs with ${algorithm}`, async () => {
    const server = await Server.start({ args: ['--signing-algorithm', algorithm] })
    try {
      const house = await furnish(server)
      const { access_token: token, refresh_token } = await generate(house)
      const { protectedHeader } = await jose.jwtVerify(token, remoteKeys(server), optionsFor(house, server.url, algorithm))
      assert.equal(protectedHeader.alg, algorithm)
      const { keys: [published] } = await (await server.fetch('/oauth2/jwks')).json()
      assert.equal(await jose.calculateJwkThumbprint(published), published.kid)
      assert.equal(published.d, undefined)
      assert.equal((await introspect(server, house, token)).active, true)
      const [header, payload, signature] = token.split('.')
      for (const alg of ['none', 'HS256', 'EdDSA', algorithm === 'ES256' ? 'RS256' : 'ES256']) {
        const swapped = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid: published.kid })).toString('base64url')
        assert.deepEqual(await introspect(server, house, `${swapped}.${payload}.${signature}`), { active: false })
      }
      assert.deepEqual(await introspect(server, house, `${header}.${payload}.${signature.slice(0, -4)}AAAA`), { active: false })
      const answer = await server.fetch('/oauth2/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ grant_type: 'refresh_token', client_id: house.workspace.id, refresh_token }),
      })
      await jose.jwtVerify((await answer.json()).access_token, remoteKeys(server), optionsFor(house, server.url, algorithm))
    } finally {
      await server.stop()
    }
  })
}

test('a workspace with opaque access tokens', async () => {
  const server = await Server.start()
  try {
    const house = await furnish(server)
    const policyPath = `/v1/workspaces/${house.workspace.id}/policy`
    const policy = await house.ada.must('GET', policyPath)
    assert.equal(policy.access_token_format, 'jwt')
    await house.ada.must('PUT', policyPath, { ...policy, access_token_format: 'opaque' })
    const made = await generate(house, { scope: 'tally:tokens.read' })
    assert.match(made.access_token, /^tla_[0-9A-Za-z]{49}$/)
    const told = await introspect(server, house, made.access_token)
    assert.equal(told.active, true)
    assert.equal(told.tally_token, made.token.id)
    assert.equal(told.scope, 'tally:tokens.read')
    const mine = await server.fetch(house.tokensPath, { headers: { authorization: `Bearer ${made.access_token}` } })
    assert.equal(mine.status, 200)
    await server.fetch('/oauth2/revoke', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: house.workspace.id, token: made.access_token }),
    })
    assert.deepEqual(await introspect(server, house, made.access_token), { active: false })
    const refreshed = await server.fetch('/oauth2/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'refresh_token', client_id: house.workspace.id, refresh_token: made.refresh_token }),
    })
    const { access_token: second } = await refreshed.json()
    assert.equal((await introspect(server, house, second)).active, true)
    await house.ada.must('POST', `${house.tokensPath}/${made.token.id}:disable`, { access: 'revoke' })
    assert.deepEqual(await introspect(server, house, second), { active: false })
    assert.ok(!server.log.includes(second.slice(8, 30)))
  } finally {
    await server.stop()
  }
})

test('without its master key a server does not start, says why, and goes on when it is back', async () => {
  const dataFolder = join(folder, 'wrapped')
  const server = await Server.start({ dataFolder })
  const published = await publishedBy(server)
  await server.stop()
  const master = join(dataFolder, 'keys', 'master.key')
  const moved = join(folder, 'master.key')
  await rename(master, moved)
  const missing = await refused(['--data-dir', dataFolder])
  assert.equal(missing.code, 2)
  assert.match(missing.said, /^tallyd: master_key_file: .*master\.key/)
  await writeFile(join(folder, 'other.key'), Buffer.alloc(32, 7).toString('base64') + '\n', { mode: 0o600 })
  const other = await refused(['--data-dir', dataFolder, '--master-key-file', join(folder, 'other.key')])
  assert.equal(other.code, 2)
  assert.match(other.said, /^tallyd: master_key_file: .*other\.key is not the key that has wrapped/)
  await chmod(moved, 0o644)
  const open = await refused(['--data-dir', dataFolder, '--master-key-file', moved])
  assert.equal(open.code, 2)
  assert.match(open.said, /can be read by others/)
  await chmod(moved, 0o600)
  const again = await Server.start({ dataFolder, args: ['--master-key-file', moved] })
  assert.deepEqual(await publishedBy(again), published)
  await again.stop()
})
