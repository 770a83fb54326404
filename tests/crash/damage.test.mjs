// A folder that a killed server has left, with several write-ahead logs, and one of them damaged: server and command line refuse it with
// status 5, name the file and the first missing event, and leave every byte as it was.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Server, furnish } from '../outside/support/server.mjs'

const run = promisify(execFile)
const LINES = 5_000
const ROUNDS_MAX = 20
const BLOCK = 32_768
const HEADER = 7
let folder
let base
let logs

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** The write-ahead logs that hold something, oldest first. */
async function logsIn(dataFolder) {
  const names = (await readdir(join(dataFolder, 'ledger'))).filter((name) => name.endsWith('.log')).sort()
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dataFolder, 'ledger', name))).size))
  return names.filter((_, index) => sizes[index] > 0)
}

/** Everything in a folder but its locks: path -> digest. */
async function digestsOf(dataFolder, below = '') {
  const digests = {}
  for (const entry of await readdir(join(dataFolder, below), { withFileTypes: true })) {
    const path = join(below, entry.name)
    if (entry.isDirectory()) Object.assign(digests, await digestsOf(dataFolder, path))
    else if (!['owner.lock', 'LOCK'].includes(entry.name)) digests[path] = sha256(await readFile(join(dataFolder, path)))
  }
  return digests
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-damage-'))
  base = join(folder, 'base')
  const server = await Server.start({ dataFolder: base })
  try {
    const house = await furnish(server)
    const policyPath = `/v1/workspaces/${house.workspace.id}/policy`
    await house.ada.must('PUT', policyPath, { ...(await house.ada.must('GET', policyPath)), max_active_tokens_per_user: 100_000 })
    let known = 0
    for (let round = 0; round < ROUNDS_MAX && (await logsIn(base)).length < 3; round += 1) {
      const lines = Array.from({ length: LINES }, () => JSON.stringify({
        hash: sha256(`legacy ${known++}`), owner: house.grace.user.id, description: 'x'.repeat(100) }))
      const imported = await server.ask(`${server.url}/v1/workspaces/${house.workspace.id}/legacy-tokens:import`, {
        method: 'POST', body: `${lines.join('\n')}\n`,
        headers: { cookie: house.ada.cookie, origin: server.url, 'content-type': 'application/x-ndjson' } })
      const result = JSON.parse(await imported.text())
      assert.equal(result.imported, LINES, JSON.stringify(result.results[0]))
    }
  } finally {
    await server.kill()
  }
  logs = await logsIn(base)
  assert.ok(logs.length >= 3, `only ${logs}`)
})
after(() => rm(folder, { recursive: true, force: true }))

async function refusal(dataFolder) {
  const child = spawn(process.env.TALLYD, ['--data-dir', dataFolder, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (piece) => `${piece}`.includes('listening on') && child.kill('SIGKILL'))
  child.stderr.on('data', (piece) => (said += piece))
  const [code] = await once(child, 'close')
  return { code, said }
}

/** Damages a copy, and demands what every program has to say of it. `names`: what must be told. */
async function mustRefuse(what, damage, names) {
  const dataFolder = join(folder, 'damaged')
  await rm(dataFolder, { recursive: true, force: true })
  await cp(base, dataFolder, { recursive: true })
  await damage((name) => join(dataFolder, 'ledger', name))
  const lying = await digestsOf(dataFolder)
  const checks = [
    () => refusal(dataFolder),
    () => run(process.env.TALLY, ['replay', '--check', '--data-dir', dataFolder]).then(
      () => ({ code: 0, said: '' }), (error) => ({ code: error.code, said: error.stderr })),
  ]
  for (const check of checks) {
    const { code, said } = await check()
    assert.equal(code, 5, `${what}: ${said}`)
    for (const name of names) assert.match(said, name, what)
    assert.deepEqual(await digestsOf(dataFolder), lying, `${what}: something was changed`)
  }
}

const SOME_EVENT = /event \d+ (is missing|can not be read)|rows are missing, though no event is/

test('a log before the newest that is cut, emptied or gone is refused and named', async () => {
  for (const name of logs.slice(0, -1)) {
    const size = (await stat(join(base, 'ledger', name))).size
    const told = [new RegExp(`/ledger/${name} `), SOME_EVENT]
    for (const left of [size - 1, size - 100, Math.floor(size / 2), 0]) {
      await mustRefuse(`${name} cut to ${left}`, (path) => truncate(path(name), left), told)
    }
    await mustRefuse(`${name} gone`, (path) => rm(path(name)), told)
  }
})

/** The first bit of a length in the last block that makes its record reach beyond the end: what passes for a torn tail. */
function bitThatHides(bytes) {
  for (let at = Math.floor((bytes.length - 1) / BLOCK) * BLOCK; at + HEADER <= bytes.length; at += HEADER + bytes.readUInt16LE(at + 4)) {
    for (let bit = 0; bit < 8; bit += 1) {
      const length = bytes.readUInt16LE(at + 4)
      if (((length >> 8) & (1 << bit)) === 0 && at + HEADER + (length | (256 << bit)) > bytes.length) return { at: at + 5, bit }
    }
  }
  throw new Error('no such bit')
}

test('one bit of a log before the newest is refused and named', async () => {
  for (const name of logs.slice(0, -1)) {
    await mustRefuse(`a bit of ${name}`, async (path) => {
      const bytes = await readFile(path(name))
      const { at, bit } = bitThatHides(bytes)
      bytes[at] ^= 1 << bit
      await writeFile(path(name), bytes)
    }, [new RegExp(`/ledger/${name} `), SOME_EVENT])
  }
})

test('logs that took each other\'s place are refused by a reason', async () => {
  await mustRefuse('exchanged', async (path) => {
    await rename(path(logs[0]), path('aside'))
    await rename(path(logs[1]), path(logs[0]))
    await rename(path('aside'), path(logs[1]))
  }, [/\/ledger\/\d+\.log /, SOME_EVENT])
})

test('what was only killed starts, and nothing is missing', async () => {
  const server = await Server.start({ dataFolder: base })
  await server.stop()
  await run(process.env.TALLY, ['replay', '--check', '--data-dir', base])
})
