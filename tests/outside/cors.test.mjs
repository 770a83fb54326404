// What a web page of another origin can do: by what a browser asks, and what it needs to see.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Server, furnish } from './support/server.mjs'

const page = 'https://app.example'

let server, house

before(async () => {
  server = await Server.start({ args: ['--address-requests-per-minute', '0'] })
  house = await furnish(server)
})
after(() => server?.stop())

const open = () => [
  ['POST', '/oauth2/token'], ['POST', '/oauth2/revoke'], ['GET', '/oauth2/jwks'], ['GET', '/oauth2/status/0'],
  ['GET', '/.well-known/oauth-authorization-server'], ['GET', '/.well-known/openid-configuration'],
  ['GET', '/.well-known/oauth-protected-resource/v1'], ['GET', '/openapi.json'],
]
const closed = () => [
  ['GET', '/v1/session'], ['POST', '/v1/session'], ['GET', house.tokensPath], ['POST', house.tokensPath], ['POST', '/oauth2/introspect'],
  ['GET', '/v1/keys'], ['GET', '/v1/ledger/checkpoint'], ['GET', '/healthz'], ['GET', '/nothing'],
]
const ask = (method, path, options = {}, at = server) =>
  fetch(at.url + path, { method, redirect: 'manual', ...options, headers: { origin: page, ...options.headers } })
const asksFirst = (method, path, at) =>
  ask('OPTIONS', path, { headers: { 'access-control-request-method': method, 'access-control-request-headers': 'dpop' } }, at)
const allowed = (answer) => answer.headers.get('access-control-allow-origin')
const list = (answer, name) => (answer.headers.get(name) ?? '').toLowerCase().split(', ')

test('what is open to pages says so to any of them, also in a refusal', async () => {
  const { refresh_token } = await house.grace.must('POST', house.tokensPath, { name: 'in a page', lifetime_days: 1 })
  const form = { grant_type: 'refresh_token', client_id: house.workspace.id, refresh_token }
  const good = await ask('POST', '/oauth2/token', { body: new URLSearchParams(form) })
  const seen = [[200, good]]
  for (const [method, path] of open()) if (method === 'GET') seen.push([200, await ask('GET', path)])
  seen.push([400, await ask('POST', '/oauth2/token', { body: new URLSearchParams({ ...form, refresh_token: 'x' }) })])
  seen.push([401, await ask('POST', '/oauth2/token', { body: new URLSearchParams({ ...form, client_id: 'x' }) })])
  seen.push([413, await ask('POST', '/oauth2/token', { body: new URLSearchParams({ ...form, more: 'x'.repeat(100_000) }) })])
  seen.push([400, await ask('POST', '/oauth2/revoke', { body: new URLSearchParams({}) })])
  seen.push([405, await ask('GET', '/oauth2/token')])
  seen.push([405, await ask('DELETE', '/oauth2/jwks')])
  seen.push([404, await ask('GET', '/oauth2/status/99')])
  seen.push([414, await ask('POST', '/oauth2/token?' + 'q'.repeat(9_000))])
  seen.push([431, await ask('GET', '/oauth2/jwks', { headers: { accept: 'x'.repeat(17_000) } })])
  for (const [status, answer] of seen) {
    assert.equal(answer.status, status)
    assert.equal(allowed(answer), '*', `${answer.url} ${status}`)
    assert.equal(answer.headers.get('access-control-allow-credentials'), null)
    for (const name of ['dpop-nonce', 'retry-after', 'ratelimit', 'ratelimit-policy', 'x-request-id', 'www-authenticate', 'tally-sequence']) {
      assert.ok(list(answer, 'access-control-expose-headers').includes(name), name)
    }
  }
})

test('a browser that asks first is told what it may send', async () => {
  for (const [method, path] of open()) {
    const answer = await asksFirst(method, path)
    assert.equal(answer.status, 204, path)
    assert.equal(await answer.text(), '')
    assert.equal(allowed(answer), '*')
    assert.ok(list(answer, 'access-control-allow-methods').includes(method.toLowerCase()), path)
    for (const name of ['authorization', 'content-type', 'dpop', 'x-request-id', 'traceparent']) {
      assert.ok(list(answer, 'access-control-allow-headers').includes(name), name)
    }
    assert.equal(answer.headers.get('access-control-max-age'), '7200')
  }
  assert.equal((await ask('OPTIONS', '/oauth2/token')).status, 405) // no question of a browser
})

test('nothing that a cookie or a secret opens is open to pages', async () => {
  const cookie = house.grace.cookie
  for (const [method, path] of closed()) {
    for (const answer of [await ask(method, path, { headers: { cookie } }), await asksFirst(method, path)]) {
      assert.equal(allowed(answer), null, path)
      assert.equal(answer.headers.get('access-control-allow-credentials'), null)
    }
    assert.notEqual((await asksFirst(method, path)).status, 204, path)
  }
})

test('limited callers see that they are', async () => {
  const limited = await Server.start({ args: ['--address-requests-per-minute', '5'] })
  try {
    let answer
    do answer = await ask('GET', '/oauth2/jwks', {}, limited)
    while (answer.status === 200)
    assert.equal(answer.status, 429)
    assert.equal(allowed(answer), '*')
    assert.ok(answer.headers.get('retry-after'))
  } finally {
    await limited.stop()
  }
})

test('cross_origin: some origins, or none', async () => {
  const some = await Server.start({ args: ['--cross-origin', `https://other.example,${page}`] })
  const none = await Server.start({ args: ['--cross-origin', 'none'] })
  try {
    const answer = await ask('GET', '/oauth2/jwks', {}, some)
    assert.equal(allowed(answer), page)
    assert.equal(answer.headers.get('vary'), 'Origin')
    assert.equal(allowed(await asksFirst('POST', '/oauth2/token', some)), page)
    const stranger = await fetch(some.url + '/oauth2/jwks', { headers: { origin: 'https://stranger.example' } })
    assert.equal(allowed(stranger), null)
    assert.equal(stranger.headers.get('vary'), 'Origin')
    assert.equal(allowed(await ask('GET', '/oauth2/jwks', {}, none)), null)
    assert.equal((await asksFirst('POST', '/oauth2/token', none)).status, 405)
  } finally {
    await some.stop()
    await none.stop()
  }
})
