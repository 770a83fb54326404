// SIGTERM ends the server within ten seconds, whatever its clients do.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Server, furnish, OPERATOR_PASSWORD } from './support/server.mjs'

const STOP_SECONDS_MAX = 10
// More than the sockets between two processes hold, as events.
const IMPORTED = 12_000
let folder

before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-stop-'))))
after(() => rm(folder, { recursive: true, force: true }))

/** A connection that sent `text` and reads nothing more than `bytes` of the answer. */
async function open(server, text, bytes = 0) {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(text)
  if (bytes > 0) await once(socket, 'readable')
  return socket
}

const head = (server, method, target, session, fields = '') =>
  `${method} ${target} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nOrigin: ${server.url}\r\nCookie: ${session.cookie}\r\n${fields}\r\n`

async function stopInTime(server) {
  const began = Date.now()
  await server.stop()
  const seconds = (Date.now() - began) / 1000
  assert.ok(seconds < STOP_SECONDS_MAX, `${seconds} s`)
}

test('half requests, unread exports, live streams, searches and passwords are cut off', async () => {
  const server = await Server.start({ dataFolder: join(folder, 'busy'), args: ['--sign-in-failures-per-minute', '0'] })
  const house = await furnish(server)
  const workspace = `/v1/workspaces/${house.workspace.id}`
  const lines = Array.from({ length: IMPORTED }, (_, number) => JSON.stringify({
    hash: number.toString(16).padStart(64, '0'), owner: house.grace.user.username, description: `cron ${number}`, created: '2019-04-01T12:00:00Z' }) + '\n')
  const imported = await server.fetch(`${workspace}/legacy-tokens:import`, { method: 'POST', body: lines.join(''),
    headers: { origin: server.url, cookie: house.ada.cookie, 'content-type': 'application/x-ndjson' } })
  assert.equal(imported.status, 200)

  const sockets = []
  for (let number = 0; number < 8; ++number) {
    sockets.push(await open(server, 'GET /healthz HTTP/1.1\r\nHost: h\r\n'))
    sockets.push(await open(server, head(server, 'POST', `${workspace}/tokens`, house.grace, 'Content-Type: application/json\r\nContent-Length: 100\r\n') + '{"na'))
    sockets.push(await open(server, head(server, 'GET', `${workspace}/events:export?format=ndjson`, house.ada), 1))
    sockets.push(await open(server, head(server, 'GET', `${workspace}/events:stream`, house.ada), 1))
    sockets.push(await open(server, head(server, 'GET', `${workspace}/tokens?owner=all&q=nothing-has-this-name-${number}`, house.ada)))
  }
  for (let number = 0; number < 40; ++number) {
    const body = JSON.stringify({ username: 'operator', password: OPERATOR_PASSWORD })
    sockets.push(await open(server, `POST /v1/session HTTP/1.1\r\nHost: h\r\nOrigin: ${server.url}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`))
  }
  await stopInTime(server)
  for (const socket of sockets) socket.destroy()
  // What was cut off lost nothing that had been answered.
  const again = await Server.start({ dataFolder: join(folder, 'busy') })
  const ada = await again.signIn(house.ada.user.username, 'a-long-enough-password')
  const { items } = await ada.must('GET', `${workspace}/events?type=LegacyTokenImported&limit=1&order=newest`)
  assert.equal(items.length, 1)
  await again.stop()
})

test('more signals than one change nothing', async () => {
  const server = await Server.start({ dataFolder: join(folder, 'storm') })
  const half = await open(server, 'GET /healthz HTTP/1.1\r\nHost: h\r\n')
  for (let number = 0; number < 50; ++number) server.process.kill(number % 2 ? 'SIGTERM' : 'SIGINT')
  await stopInTime(server)
  half.destroy()
})
