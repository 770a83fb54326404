// Limits at every door: an address that has used up its own is refused by every operation that there is, in the operation's own form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Server } from './support/server.mjs'

// Whoever watches over the server is never told to come later, and a dead refresh token is told that it is dead.
const NEVER_LIMITED = new Set(['/healthz', '/readyz', '/oauth2/token'])
const METHODS = ['get', 'put', 'post', 'delete']

test('limits: an address that asks too often is refused at every operation, whatever its form', async () => {
  const server = await Server.start({ args: ['--address-requests-per-minute', '3', '--log-level', 'off'] })
  try {
    const { paths } = await (await server.fetch('/openapi.json')).json()
    for (let count = 0; count < 3; ++count) await server.fetch('/v1/ledger/key')
    let asked = 0
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of METHODS.filter((one) => operations[one])) {
        const target = path.replace(/\{\w+\}/g, 'x')
        const response = await server.fetch(target, { method: method.toUpperCase(), headers: { origin: server.url } })
        const what = `${method} ${target}`
        if (NEVER_LIMITED.has(path)) {
          assert.notEqual(response.status, 429, what)
          continue
        }
        assert.equal(response.status, 429, what)
        assert.ok(Number(response.headers.get('retry-after')) >= 1, what)
        const body = await response.json()
        assert.equal(path.startsWith('/oauth2/') ? body.error : body.code, path.startsWith('/oauth2/') ? 'temporarily_unavailable' : 'rate_limited', what)
        ++asked
      }
    }
    assert.ok(asked > 40, `${asked} operations`)
    assert.equal((await fetch(server.url + '/no/such/path')).status, 429)
  } finally {
    await server.stop()
  }
})

test('errors: everything below /oauth2 is refused in the form of RFC 6749, whoever refuses it', async () => {
  const server = await Server.start()
  try {
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    const cases = [
      ['/oauth2/token', { method: 'GET' }, 405],
      ['/oauth2/token', { method: 'PATCH' }, 405],
      ['/oauth2/token', { ...form, body: 'a=' + 'x'.repeat(20_000) }, 413],
      ['/oauth2/revoke', { ...form, body: 'a=' + 'x'.repeat(20_000) }, 413],
      ['/oauth2/introspect', { method: 'PUT' }, 405],
      ['/oauth2/status/999999', {}, 404],
      ['/oauth2/nothing', {}, 404],
      ['/oauth2/token?' + 'q'.repeat(9_000), form, 414],
      ['/oauth2/token', { ...form, headers: { 'x-large': 'v'.repeat(17_000) } }, 431],
    ]
    for (const [path, options, status] of cases) {
      const response = await server.fetch(path, options)
      const what = `${options.method ?? 'GET'} ${path.slice(0, 40)}`
      assert.equal(response.status, status, what)
      assert.equal(response.headers.get('content-type'), 'application/json', what)
      const body = await response.json()
      assert.equal(body.error, 'invalid_request', what)
      assert.match(body.error_description, /^[\x20-\x7e]+$/, what)
      if (status === 405) assert.ok(response.headers.get('allow'), what)
    }
  } finally {
    await server.stop()
  }
})
