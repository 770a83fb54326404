// One address that takes all it can get leaves room for the others, and what it took goes back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { Server } from './support/server.mjs'

const CONNECTIONS_MAX = 200
const BODY_BYTES = 1 << 20
const servers = []
after(() => Promise.all(servers.map((server) => server.stop())))

async function start(...args) {
  const server = await Server.start({ args: ['--connections-max', String(CONNECTIONS_MAX), ...args] })
  servers.push(server)
  return server
}

/** A connection from that address of the loopback network. */
async function connectFrom(server, localAddress) {
  const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** The status of a request on a connection of its own. */
const statusFrom = (server, localAddress) => new Promise((resolve, reject) => {
  const asked = request(server.url + '/healthz', { localAddress, agent: false }, (answer) => {
    answer.resume()
    answer.on('end', () => resolve(answer.statusCode))
  })
  asked.on('error', reject)
  asked.end()
})

const residentMebibytes = async (server) =>
  Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${server.process.pid}/status`, 'utf8'))[1]) / 1024

test('who has a quarter of all connections gets no more, and others do', async () => {
  const server = await start()
  const taken = []
  for (let number = 0; number < CONNECTIONS_MAX / 4; ++number) taken.push(await connectFrom(server, '127.0.0.2'))
  const refused = await connectFrom(server, '127.0.0.2')
  let told = ''
  for await (const piece of refused) told += piece
  assert.match(told, /^HTTP\/1\.1 503 /)
  assert.match(told, /\r\nRetry-After: 1\r\n/)
  assert.match(told, /"code":"overloaded"/)
  assert.equal(await statusFrom(server, '127.0.0.3'), 200)
  for (const socket of taken) socket.destroy()
})

test('idle connections of many addresses keep nobody out', async () => {
  const server = await start()
  const taken = []
  for (let number = 0; number < 2 * CONNECTIONS_MAX; ++number) {
    taken.push(await connectFrom(server, `127.0.1.${1 + (number % 100)}`))
    if (number % 40 === 0) assert.equal(await statusFrom(server, '127.0.0.3'), 200)
  }
  assert.equal(await statusFrom(server, '127.0.0.3'), 200)
  for (const socket of taken) socket.destroy()
})

/** A sanitizer keeps what is freed. */
const skip = process.env.SANITIZED_SERVER ? 'not with a sanitizer' : false

test('bodies under way stay within their budget, and their memory goes back', { skip }, async () => {
  const server = await start('--connections-per-address-max', '200')
  const before = await residentMebibytes(server)
  const head = `POST /v1/session HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`
  const taken = []
  let peak = before
  for (let number = 0; number < 160; ++number) {
    const socket = await connectFrom(server, `127.0.2.${1 + (number % 40)}`)
    socket.resume()
    socket.write(head)
    socket.write(Buffer.alloc(BODY_BYTES - 1, 'x'))
    taken.push(socket)
    peak = Math.max(peak, await residentMebibytes(server))
  }
  assert.equal(await statusFrom(server, '127.0.0.3'), 200)
  peak = Math.max(peak, await residentMebibytes(server))
  assert.ok(peak - before < 64 + 48, `${before} MiB, at the most ${peak}`)
  for (const socket of taken) socket.destroy()
  // Within a minute; what a request or two leave is nothing to speak of.
  for (const end = Date.now() + 60_000; (await residentMebibytes(server)) - before > 24; ) {
    assert.ok(Date.now() < end, `${before} MiB before, ${await residentMebibytes(server)} a minute after`)
    await statusFrom(server, '127.0.0.3')
  }
})
