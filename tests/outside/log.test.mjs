// Whoever reads the log does not decide whether the server lives: a pipe that nobody reads, and a reader that goes away.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { OPERATOR_PASSWORD } from './support/server.mjs'

const PROGRAM = process.env.TALLYD
// Some 260 bytes each: far more than a pipe and the server's own queue hold.
const REQUESTS = 15_000
const STOP_SECONDS_MAX = 10
let folder

before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-log-'))))
after(() => rm(folder, { recursive: true, force: true }))

/** A server whose standard error is left to the test. */
async function start(name, args = []) {
  const server = { process: spawn(PROGRAM, ['--data-dir', join(folder, name), '--listen', '127.0.0.1:0', ...args], {
    env: { ...process.env, TALLY_OPERATOR_PASSWORD: OPERATOR_PASSWORD }, stdio: ['ignore', 'pipe', 'pipe'],
  }) }
  server.exit = once(server.process, 'exit')
  const [line] = await once(createInterface({ input: server.process.stdout }), 'line')
  server.port = Number(line.split(':').at(-1))
  return server
}

/** The same under a limit of the size of files, so that a write to the ledger fails in the middle. */
async function startWithSmallFiles(name) {
  const script = `trap '' XFSZ; ulimit -f 512; exec "$0" --data-dir "$1" --listen 127.0.0.1:0`
  const server = { process: spawn('bash', ['-c', script, PROGRAM, join(folder, name)], {
    env: { ...process.env, TALLY_OPERATOR_PASSWORD: OPERATOR_PASSWORD }, stdio: ['ignore', 'pipe', 'pipe'],
  }) }
  server.exit = once(server.process, 'exit')
  const [line] = await once(createInterface({ input: server.process.stdout }), 'line')
  server.port = Number(line.split(':').at(-1))
  return server
}

/** GET /healthz, `count` times over a few connections that are kept. */
async function askOften(server, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const ask = () => new Promise((resolve, reject) => {
    const asked = request({ port: server.port, path: '/healthz', agent, timeout: 10_000 }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode))
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.on('error', reject)
    asked.end()
  })
  let left = count
  const worker = async () => {
    while (left-- > 0) assert.equal(await ask(), 200)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  agent.destroy()
}

async function secondsToStop(server) {
  const began = Date.now()
  server.process.kill('SIGTERM')
  const [code, signal] = await server.exit
  assert.deepEqual([code, signal], [0, null])
  return (Date.now() - began) / 1000
}

test('a log that nobody reads holds up neither requests nor the end, and counts what it left out', async () => {
  const server = await start('unread')
  await askOften(server, REQUESTS)
  // Now somebody reads, and the next line says what was lost.
  let text = ''
  server.process.stderr.setEncoding('utf8').on('data', (piece) => (text += piece))
  const drained = once(server.process.stderr, 'end')
  await askOften(server, 1)
  assert.ok((await secondsToStop(server)) < STOP_SECONDS_MAX)
  await drained
  const lines = text.trim().split('\n').map((line) => JSON.parse(line))
  assert.equal(lines.at(-1).message, 'stopped')
  const skipped = lines.reduce((sum, line) => sum + (line.skipped ?? 0), 0)
  assert.ok(skipped > 0)
  assert.equal(lines.filter((line) => line.message === 'request').length + skipped, REQUESTS + 1)
})

test('a log that is never read does not outlast SIGTERM', async () => {
  const server = await start('never-read')
  await askOften(server, REQUESTS)
  assert.ok((await secondsToStop(server)) < STOP_SECONDS_MAX)
})

test('a reader that goes away ends nothing', async () => {
  const server = await start('gone')
  await askOften(server, 1)
  server.process.stderr.destroy()
  server.process.stdout.destroy()
  await askOften(server, 500)
  assert.ok((await secondsToStop(server)) < STOP_SECONDS_MAX)
})

test('the last words of a process that ends by itself get out', async () => {
  const server = await startWithSmallFiles('last-words')
  let text = ''
  server.process.stderr.setEncoding('utf8').on('data', (piece) => (text += piece))
  const drained = once(server.process.stderr, 'end')
  const url = `http://127.0.0.1:${server.port}`
  const send = (path, body, cookie) => fetch(url + path, { method: 'POST', body: JSON.stringify(body),
    headers: { origin: url, 'content-type': 'application/json', ...(cookie ? { cookie } : {}) } })
  const signedIn = await send('/v1/session', { username: 'operator', password: OPERATOR_PASSWORD })
  const cookie = signedIn.headers.get('set-cookie').split(';')[0]
  for (let number = 0; server.process.exitCode === null; ++number) {
    const answer = await send('/v1/workspaces', { name: `workspace ${number}` }, cookie).catch(() => undefined)
    if (answer?.status !== 201) break
  }
  assert.deepEqual(await server.exit, [3, null])
  await drained
  const lines = text.trim().split('\n').map((line) => JSON.parse(line))
  assert.ok(lines.some((line) => line.level === 'error' && /a write failed and its outcome is unknown/.test(line.message)))
  assert.equal(lines.at(-1).message, 'stopped')
})
