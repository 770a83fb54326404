// What connections take of the process's descriptors is never what the store needs.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { OPERATOR_PASSWORD } from './support/server.mjs'

const PROGRAM = process.env.TALLYD
// The write-ahead log begins a new file after some thousands of events; the whole run is for the stage `long`.
const IDLE = Number(process.env.TALLY_IDLE_CONNECTIONS ?? 1_200)
const COMMANDS = Number(process.env.TALLY_COMMANDS ?? 400)
let folder

before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-descriptors-'))))
after(() => rm(folder, { recursive: true, force: true }))

const limited = (limit, name) => ['-c', `ulimit ${limit} && exec "$0" --data-dir "$1" --listen 127.0.0.1:0`, PROGRAM, join(folder, name)]

async function start(limit, name) {
  const server = { log: '', process: spawn('bash', limited(limit, name), {
    env: { ...process.env, TALLY_OPERATOR_PASSWORD: OPERATOR_PASSWORD }, stdio: ['ignore', 'pipe', 'pipe'] }) }
  server.process.stderr.on('data', (piece) => (server.log += piece))
  server.exit = once(server.process, 'exit')
  const [line] = await once(createInterface({ input: server.process.stdout }), 'line')
  server.url = line.slice('tallyd: listening on '.length)
  return server
}

const lines = (server) => server.log.trim().split('\n').map((line) => JSON.parse(line))

async function stop(server) {
  server.process.kill('SIGTERM')
  assert.deepEqual(await server.exit, [0, null])
}

function connectIdle(server) {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket))
    socket.once('close', () => resolve(socket))
  })
}

test('idle connections take none of the descriptors that the store needs', async () => {
  const server = await start('-n 1024', 'idle')
  const operator = await signIn(server)
  const idle = []
  for (let number = 0; number < IDLE; ++number) idle.push(await connectIdle(server))
  const open = (await readdir(`/proc/${server.process.pid}/fd`)).length
  assert.ok(open < 1024 - 256, `${open} descriptors`)
  // The one that signed in still works, and so does the writer.
  for (let number = 0; number < COMMANDS; ++number) {
    const answer = await operator.ask('POST', '/v1/workspaces', { name: `workspace ${number}` })
    assert.equal(answer, 201)
  }
  for (const socket of idle) socket.destroy()
  operator.end()
  await stop(server)
  const warning = lines(server).find((line) => /^fewer connections/.test(line.message))
  assert.equal(warning.level, 'warning')
  assert.deepEqual([warning.connections_max, warning.files_open_max], [512, 1024])
})

test('a soft limit is raised to the hard one', async () => {
  const server = await start('-Sn 64 && ulimit -Hn 4096', 'soft')
  const limits = spawnSync('cat', [`/proc/${server.process.pid}/limits`]).stdout.toString()
  assert.match(limits, /Max open files +4096 +4096/)
  await stop(server)
})

/** The sanitizers ask the system by a pipe whether memory is there, and find none without a descriptor. */
const skip = process.env.SANITIZED_SERVER ? 'a sanitizer needs descriptors of its own' : false

test('without a descriptor accepting pauses, is counted and told, and goes on', { skip }, async () => {
  const server = await start('-n 4096', 'none-left')
  const { pid } = server.process
  const limit = (soft) => assert.equal(spawnSync('prlimit', ['--pid', pid, `--nofile=${soft}:4096`]).status, 0)
  limit((await readdir(`/proc/${pid}/fd`)).length)
  const began = Date.now()
  // Whoever came in last may be cut off for want of the next descriptor, and comes again.
  const answer = fetch(server.url + '/healthz').catch(() => undefined)
  while (!server.log.includes('no connection can be accepted')) await once(server.process.stderr, 'data')
  limit(4096)
  assert.equal(((await answer) ?? (await fetch(server.url + '/healthz'))).status, 200)
  const pauses = (Date.now() - began) / 100
  await stop(server)
  const [told] = lines(server).filter((line) => line.message === 'no connection can be accepted at the moment')
  assert.deepEqual([told.level, told.why, told.count], ['warning', 'Too many open files', 1])
  const { accept_failures } = lines(server).at(-1)
  assert.ok(accept_failures >= 1 && accept_failures <= pauses + 2, `${accept_failures} in ${pauses} pauses`)
})

test('too few descriptors are status 2, and the folder is not made', async () => {
  const ended = spawnSync('bash', limited('-n 256', 'few'), { encoding: 'utf8' })
  assert.equal(ended.status, 2)
  assert.match(ended.stderr, /may have 256 files open, and 384 is the least/)
  assert.deepEqual(await readdir(folder).then((names) => names.filter((name) => name === 'few')), [])
})

/** One connection that is kept, and signed in: a new one may find no place. */
async function signIn(server) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let cookie
  const ask = (method, path, body) => new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const headers = { origin: server.url, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...(cookie ? { cookie } : {}) }
    const asked = request(server.url + path, { method, headers, agent, timeout: 20_000 }, (answer) => {
      cookie ??= answer.headers['set-cookie']?.[0].split(';')[0]
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode))
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.on('error', reject)
    asked.end(text)
  })
  assert.equal(await ask('POST', '/v1/session', { username: 'operator', password: OPERATOR_PASSWORD }), 200)
  return { ask, end: () => agent.destroy() }
}
