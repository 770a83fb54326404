// A data folder of the release before, and the clients that it had: it is left as it is until its upgrade is asked for; then the
// server makes tiles and rows before it serves, and everybody goes on. The clock is the folder's (libfaketime), because sessions and retries end.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { chmod, cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Server, Session, noClockToMove } from './support/server.mjs'

const run = promisify(execFile)
const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), '../golden/storage-1')
let witness, folder

before(async () => {
  witness = JSON.parse(await readFile(join(GOLDEN, 'witness.json'), 'utf8'))
  folder = await mkdtemp(join(tmpdir(), 'tally-upgrade-'))
})
after(() => rm(folder, { recursive: true, force: true }))

async function copy(name) {
  const dataFolder = join(folder, name)
  await cp(join(GOLDEN, 'data'), dataFolder, { recursive: true })
  await chmod(join(dataFolder, 'keys'), 0o700)
  for (const key of await readdir(join(dataFolder, 'keys'))) await chmod(join(dataFolder, 'keys', key), 0o600)
  return dataFolder
}

/** `@` and local time, as libfaketime wants it. */
function clockOf(made_at) {
  const time = new Date(Math.ceil(Date.parse(made_at) / 1000) * 1000).toISOString()
  return { LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1', FAKETIME: `@${time.slice(0, 10)} ${time.slice(11, 19)}`, TZ: 'UTC',
    FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' }
}

async function start(dataFolder, args = []) {
  const server = await Server.start({ dataFolder, args: [...witness.arguments, ...args], environment: clockOf(witness.made_at) })
  server.origin = witness.arguments[1]
  return server
}

/** Whoever was signed in before, with the same cookie. */
function session(server, name) {
  const person = new Session(server)
  person.cookie = witness.sessions[name]
  return person
}

async function post(server, target, parameters, headers = {}) {
  const response = await server.fetch(target, { method: 'POST', body: new URLSearchParams({ client_id: witness.client_id, ...parameters }), headers })
  return { status: response.status, json: await response.json() }
}
const refresh = (server, token) => post(server, '/oauth2/token', { grant_type: 'refresh_token', refresh_token: token })
// The last piece may end in the middle of a line.
const messages = (server) => server.log.split('\n').slice(0, -1).map((line) => JSON.parse(line))

/** Everything that was known is still so; a later release may know more. */
function assertKnows(found, known, at) {
  if (Array.isArray(known)) {
    assert.equal(found?.length, known.length, at)
    known.forEach((value, index) => assertKnows(found[index], value, `${at}[${index}]`))
  } else if (known !== null && typeof known === 'object') {
    for (const [name, value] of Object.entries(known)) assertKnows(found?.[name], value, `${at}.${name}`)
  } else {
    assert.deepEqual(found, known, at)
  }
}

test('upgrade: tiles and rows are made before serving, once, and the clients go on', { skip: noClockToMove }, async () => {
  const dataFolder = await copy('served')
  let server = await start(dataFolder, ['--upgrade-storage'])
  try {
    const told = messages(server).map(({ message }) => message)
    const [begin, end, serving] = ['the rows are another release\'s: they are made anew from the log', 'the rows are this release\'s now', 'serving']
      .map((message) => told.indexOf(message))
    assert.ok(begin >= 0 && begin < end && end < serving, told.join('\n'))
    const report = messages(server)[end]
    assert.equal(report.made, 'tiles tokens workspaces people audit signing_keys')
    assert.ok(report.events > 50)

    for (const [target, known] of Object.entries(witness.lists)) {
      const person = session(server, /^.v1.(users|keys)/.test(target) ? 'operator' : 'ada')
      assertKnows(await person.must('GET', target), known, target)
    }
    const history = await session(server, 'ada').must('GET', witness.history.target)
    assert.deepEqual(history.items.map(({ type }) => type), witness.history.types)

    const again = await refresh(server, witness.lost.presented)
    assert.deepEqual([again.status, again.json.refresh_token], [200, witness.lost.answered], 'a lost answer is told again')
    const refreshed = await refresh(server, witness.refreshable)
    assert.equal(refreshed.status, 200, JSON.stringify(refreshed.json))
    const { method, target, body, key, answer } = witness.kept
    const kept = await session(server, 'grace').request(method, target, body, { 'idempotency-key': key })
    // Kept answers are told to the credential that asked; the release before did not keep which one that was.
    assert.equal(kept.status, 201)
    assert.notEqual(kept.json.refresh_token, answer.refresh_token, 'a kept answer of before is told to nobody')
    const { id, secret } = witness.resource_server
    const basic = { authorization: 'Basic ' + Buffer.from(`${id}:${secret}`).toString('base64') }
    for (const [form, token] of Object.entries(witness.access_tokens)) {
      assert.equal((await post(server, '/oauth2/introspect', { token }, basic)).json.active, true, form)
    }

    await server.stop()
    server = await start(dataFolder)
    assert.ok(!server.log.includes('another release'), 'the second start has nothing to do')
    assert.equal((await refresh(server, refreshed.json.refresh_token)).status, 200)
  } finally {
    await server.stop()
  }
  if (!process.env.TALLY) return
  const { stdout } = await run(process.env.TALLY, ['replay', '--check', '--data-dir', dataFolder])
  assert.match(stdout, /byte by byte/)
})

/** Every file of a folder, with what is in it. */
async function filesOf(dataFolder) {
  const files = {}
  for (const folder of ['.', 'keys', 'ledger']) {
    for (const entry of await readdir(join(dataFolder, folder), { withFileTypes: true })) {
      if (entry.isFile()) files[join(folder, entry.name)] = (await readFile(join(dataFolder, folder, entry.name))).toString('hex')
    }
  }
  return files
}

async function refused(program, args) {
  const { code, stderr } = await run(program, args).then(() => ({ code: 0 }), (error) => error)
  assert.match(stderr, /storage version 1, .* no way back .* copy of the data folder.* tallyd --upgrade-storage/, `${args}`)
  return code
}

test('upgrade: nothing touches an earlier storage version until it is asked for', async () => {
  const dataFolder = await copy('untouched')
  const before = await filesOf(dataFolder)
  assert.equal(await refused(process.env.TALLYD, ['--data-dir', dataFolder, '--listen', '127.0.0.1:0', ...witness.arguments]), 3)
  if (process.env.TALLY) {
    for (const args of [['replay'], ['replay', '--check'], ['replay', '--until', '5'], ['verify'], ['recover'],
      ['keys', 'rewrap', '--new-master-key-file', join(folder, 'none')]]) {
      assert.equal(await refused(process.env.TALLY, [...args, '--data-dir', dataFolder]), 1, `${args}`)
    }
  }
  assert.deepEqual(await filesOf(dataFolder), before)
})

test('upgrade: ended or killed in the middle, the next start that is asked for it goes on', async () => {
  const dataFolder = await copy('killed')
  let isDone = false // a kill may come too late
  for (let round = 0; round < 3; ++round) {
    const child = spawn(process.env.TALLYD, ['--data-dir', dataFolder, '--listen', '127.0.0.1:0', '--upgrade-storage', ...witness.arguments], { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = once(child, 'exit')
    for await (const line of createInterface({ input: child.stderr })) {
      // Asked to end in the tiles, killed in them, killed in the rows.
      if (line.includes(round < 2 ? 'its tiles are made' : 'made anew')) child.kill(round === 0 ? 'SIGTERM' : 'SIGKILL')
      if (line.includes("this release's now")) isDone = true
      if (line.includes('"serving"')) child.kill('SIGKILL')
    }
    const [code] = await ended
    if (round === 0 && !isDone) assert.equal(code, 0)
  }
  const server = await Server.start({ dataFolder, args: ['--upgrade-storage', ...witness.arguments] })
  try {
    assert.equal(server.log.includes('made anew'), !isDone)
  } finally {
    await server.stop()
  }
  if (!process.env.TALLY) return
  const { stdout } = await run(process.env.TALLY, ['replay', '--check', '--data-dir', dataFolder])
  assert.match(stdout, /byte by byte/)
})
