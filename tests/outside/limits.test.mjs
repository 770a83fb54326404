// Limits at every door: an address that has used up its own is refused by every operation that there is, in the operation's own form.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
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

/** A request whose head is there, as its server says, and whose body is not. */
async function begin(server, target, body) {
  const { hostname: host, port } = new URL(server.url)
  const socket = connect({ host, port: Number(port) })
  socket.setEncoding('utf8')
  await once(socket, 'connect')
  socket.write(`POST ${target} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${server.url}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`)
  assert.match((await once(socket, 'data'))[0], /^HTTP\/1\.1 100 /)
  return {
    /** The status of its answer. */
    end: async () => {
      socket.write(body)
      let answer = ''
      for await (const piece of socket) answer += piece
      return Number(answer.slice(9, 12))
    },
  }
}

test('limits: a request that began before the others and ends after them is counted with them', async () => {
  const server = await Server.start({ args: ['--sign-in-failures-per-minute', '5'] })
  try {
    const guess = JSON.stringify({ username: 'operator', password: 'a wrong password' })
    const start = Date.now()
    const begun = []
    for (let count = 0; count < 12; ++count) begun.push(await begin(server, '/v1/session', guess))
    const statuses = []
    const ask = async () => statuses.push(await (await begin(server, '/v1/session', guess)).end())
    for (let count = 0; count < 6; ++count) await ask()
    // The one that began last goes first: each is older than all that were counted.
    for (const request of begun.reverse()) {
      statuses.push(await request.end())
      await ask()
    }
    // One comes back each twelve seconds.
    const most = 5 + Math.ceil((Date.now() - start) / 12_000)
    const compared = statuses.filter((status) => status === 401).length
    assert.ok(compared >= 5 && compared <= most, `${compared} passwords were compared: ${statuses}`)
  } finally {
    await server.stop()
  }
})
