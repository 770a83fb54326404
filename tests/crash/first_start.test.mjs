// The very first start, ended or met by a failing disk at every moment at which it changes a file: the next one takes the folder for new, or
// for the ledger that it is. The moments are counted by fail_at.cpp, not left to chance. A sample of them; TALLY_MOMENTS_EVERY=1 tries all.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

const EVERY = Number(process.env.TALLY_MOMENTS_EVERY ?? 47)
const seed = Number(process.env.TALLY_SEED ?? Date.now() % 2 ** 31)
const MOMENTS_MAX = 5_000
const skip = process.env.SANITIZED_SERVER ? 'a sanitizer must be the first library of its process' : false
let folder

before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-first-'))))
after(() => rm(folder, { recursive: true, force: true }))

/** The server by itself, until it listens, and then killed, or ends. */
async function attempt(dataFolder, environment = {}) {
  const env = { ...process.env, ...environment }
  delete env.TALLY_OPERATOR_PASSWORD
  const child = spawn(process.env.TALLYD, ['--data-dir', dataFolder, '--listen', '127.0.0.1:0', '--log-level', 'off'], {
    env, stdio: ['ignore', 'pipe', 'pipe'] })
  const result = { out: '', err: '', is_listening: false }
  child.stderr.on('data', (piece) => (result.err += piece))
  child.stdout.on('data', (piece) => {
    result.out += piece
    if (!result.out.includes('listening on') || result.is_listening) return
    result.is_listening = true
    child.kill('SIGKILL')
  })
  ;[result.code, result.signal] = await once(child, 'close')
  return result
}

const shownIn = (text) => /has the password (\S+) /.exec(text)?.[1]

/** A start that is struck at its n-th step, for every EVERY-th n, until one comes through without being struck. */
async function* struckStarts(variable, { prepare = async () => {}, environment = {} } = {}) {
  const plain = { starts: 0 }
  for (let moment = 1 + (seed % EVERY); moment < MOMENTS_MAX; moment += EVERY) {
    const dataFolder = join(folder, variable)
    await rm(dataFolder, { recursive: true, force: true })
    await prepare(dataFolder)
    const struck = await attempt(dataFolder, {
      LD_PRELOAD: process.env.FAIL_AT_LIBRARY, STEP_FOLDER: dataFolder, [variable]: String(moment), ...environment })
    plain.starts = struck.is_listening ? plain.starts + 1 : 0
    yield { moment, dataFolder, struck }
    // One may come through although it was struck; not several in a row.
    if (plain.starts > (variable === 'DIE_AT_STEP' ? 0 : 10)) return
  }
  assert.fail('the start never came through')
}

async function checkNext(dataFolder, struck, moment) {
  const next = await attempt(dataFolder)
  assert.ok(next.is_listening, `moment ${moment} (TALLY_SEED=${seed}): ${struck.err} | then: ${next.err}`)
  assert.ok(shownIn(next.out) ?? shownIn(struck.out), `moment ${moment}: nobody was shown a password`)
  const third = await attempt(dataFolder)
  assert.ok(third.is_listening, `moment ${moment}, third start: ${third.err}`)
  assert.ok(!(await readdir(dataFolder)).includes('ledger.new'), `moment ${moment}: what was unfinished lies there still`)
}

test('a first start that is killed at any moment is new again, or the ledger', { skip }, async () => {
  let count = 0
  for await (const { moment, dataFolder, struck } of struckStarts('DIE_AT_STEP')) {
    await checkNext(dataFolder, struck, moment)
    count += 1
  }
  console.log(`seed ${seed}: ${count} moments`)
  assert.ok(count > 1)
})

test('a first start that loses its power, and what was not synced, at any moment is new again, or the ledger', { skip }, async () => {
  for await (const { moment, dataFolder, struck } of struckStarts('DIE_AT_STEP', { environment: { POWER_CUT: '1' } })) {
    await checkNext(dataFolder, struck, moment)
  }
})

test('a first start that meets a failing disk at any moment says so, and is new again', { skip }, async () => {
  let refused = 0
  for await (const { moment, dataFolder, struck } of struckStarts('FAIL_AT_STEP')) {
    if (!struck.is_listening) {
      refused += 1
      assert.equal(struck.code, 3, `moment ${moment} (TALLY_SEED=${seed}): ${struck.signal} ${struck.err}`)
    }
    await checkNext(dataFolder, struck, moment)
  }
  assert.ok(refused > 1)
})

test('a first start into an empty folder that is there already is new again, too', { skip }, async () => {
  const prepare = (dataFolder) => mkdir(join(dataFolder, 'ledger'), { recursive: true })
  for await (const { moment, dataFolder, struck } of struckStarts('DIE_AT_STEP', { prepare })) {
    await checkNext(dataFolder, struck, moment)
  }
})

test('a ledger that has lost its beginning is not taken for a new one', async () => {
  const base = join(folder, 'base')
  assert.ok((await attempt(base)).is_listening)
  for (const lost of [['CURRENT'], ['CURRENT', 'MANIFEST'], ['CURRENT', '.log'], ['CURRENT', 'MANIFEST', '.sst']]) {
    const dataFolder = join(folder, 'lost')
    await rm(dataFolder, { recursive: true, force: true })
    await cp(base, dataFolder, { recursive: true })
    for (const name of await readdir(join(dataFolder, 'ledger'))) {
      if (lost.some((part) => name.startsWith(part) || name.endsWith(part))) await rm(join(dataFolder, 'ledger', name))
    }
    const refused = await attempt(dataFolder)
    assert.equal(refused.code, 5, `${lost}: ${refused.err}`)
    assert.match(refused.err, /without its file CURRENT/)
  }
  // Nor is what lies where a ledger is made thrown away, if somebody has put rows there.
  const moved = join(folder, 'moved')
  await mkdir(join(moved, 'ledger.new'), { recursive: true })
  await writeFile(join(moved, 'ledger.new', '000004.log'), 'rows')
  const refused = await attempt(moved)
  assert.equal(refused.code, 5, refused.err)
  assert.match(refused.err, /move it elsewhere/)
  assert.deepEqual((await readdir(join(moved, 'ledger.new'))).filter((name) => name !== 'owner.lock'), ['000004.log'])
})
