// kill -9 at every moment at which an operator's account is made or given back: nobody is left with a password that nobody was
// shown, and a reset file counts once. The moments are counted by die_at.cpp, not left to chance. A sample of them; TALLY_MOMENTS_EVERY=1 tries all.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { OPERATOR_PASSWORD, Server } from '../outside/support/server.mjs'

const run = promisify(execFile)
const NEW_PASSWORD = 'the-password-of-the-file'
const EVERY = Number(process.env.TALLY_MOMENTS_EVERY ?? 7)
const seed = Number(process.env.TALLY_SEED ?? Date.now() % 2 ** 31)
const MOMENTS_MAX = 1_000
const skip = process.env.SANITIZED_SERVER ? 'a sanitizer must be the first library of its process' : false
let folder

before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-operators-'))))
after(() => rm(folder, { recursive: true, force: true }))

/** The server by itself, until it listens or ends. `is_listening`: it was killed after that. */
async function attempt(dataFolder, { environment = {}, stdout = 'pipe' } = {}) {
  const env = { ...process.env, ...environment }
  delete env.TALLY_OPERATOR_PASSWORD
  const child = spawn(process.env.TALLYD, ['--data-dir', dataFolder, '--listen', '127.0.0.1:0', '--log-level', 'off'], {
    env, stdio: ['ignore', stdout, 'pipe'] })
  const result = { out: '', err: '', is_listening: false }
  child.stderr.on('data', (piece) => (result.err += piece))
  child.stdout?.on('data', (piece) => {
    result.out += piece
    if (!result.out.includes('listening on') || result.is_listening) return
    result.is_listening = true
    child.kill('SIGKILL')
  })
  if (stdout === 'pipe' && environment.STDOUT_GONE) child.stdout.destroy()
  ;[result.code] = await once(child, 'close')
  return result
}

/** A start that is killed just before its n-th durable step, for every EVERY-th n until it comes through. */
async function* everyMoment(prepare) {
  for (let moment = 1 + (seed % EVERY); moment < MOMENTS_MAX; moment += EVERY) {
    const dataFolder = join(folder, 'moment')
    await rm(dataFolder, { recursive: true, force: true })
    await prepare(dataFolder)
    const killed = await attempt(dataFolder, {
      environment: { LD_PRELOAD: process.env.DIE_AT_LIBRARY, DIE_AT: String(moment) } })
    yield { moment, dataFolder, killed }
    if (killed.is_listening) return
  }
  assert.fail('the start never came through')
}

const shownIn = (text) => /has the password (\S+) /.exec(text)?.[1]
/** How often what people see of a person has changed: the number that an entity tag begins with. */
const changesOf = async (person, target) => Number(/^"(\d+)/.exec((await person.request('GET', target)).headers.get('etag'))[1])

async function withServer(dataFolder, work) {
  const server = await Server.start({ dataFolder })
  try {
    return await work(server)
  } finally {
    await server.stop()
  }
}

const check = (dataFolder) => run(process.env.TALLY, ['replay', '--check', '--data-dir', dataFolder])

test('a reset file counts once, wherever the start that uses it is killed', { skip }, async () => {
  const base = join(folder, 'base')
  const self = await withServer(base, async (server) => {
    const operator = await server.operator()
    const target = `/v1/users/${operator.who.user.id}`
    assert.equal(await changesOf(operator, target), 1)
    return target
  })
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, NEW_PASSWORD, { mode: 0o600 })
  await run(process.env.TALLY, ['operator', 'prepare-reset', 'operator', '-o', join(base, 'operator-reset'), '--password-file', passwordFile])

  const found = { before: 0, between: 0, removed: 0 }
  for await (const { moment, dataFolder } of everyMoment((to) => cp(base, to, { recursive: true }))) {
    const isThere = existsSync(join(dataFolder, 'operator-reset'))
    const usedBefore = await withServer(dataFolder, async (again) => {
      assert.ok(!existsSync(join(dataFolder, 'operator-reset')), `moment ${moment} (TALLY_SEED=${seed}): the file is still there`)
      const person = await again.signIn('operator', NEW_PASSWORD)
      // One change of the password, and no other.
      assert.equal(await changesOf(person, self), 2, `moment ${moment}`)
      await assert.rejects(again.signIn('operator', OPERATOR_PASSWORD))
      return again.log.includes('a reset file that was used before is removed')
    })
    found[!isThere ? 'removed' : usedBefore ? 'between' : 'before'] += 1
    if (usedBefore && found.between === 1) await check(dataFolder)
  }
  // The moments were those that matter; between the two writes are few, which a sample may miss.
  if (EVERY > 1) delete found.between
  for (const [name, times] of Object.entries(found)) assert.ok(times > 0, `none ${name}: ${JSON.stringify(found)} (TALLY_SEED=${seed})`)
})

test('a made-up password is shown before it is anybody\'s, wherever the first start is killed', { skip }, async () => {
  const found = { again: 0, lasting: 0 }
  for await (const { moment, dataFolder, killed } of everyMoment(async () => {})) {
    const next = await attempt(dataFolder)
    assert.ok(next.is_listening, `moment ${moment}: ${next.err}`)
    const password = shownIn(next.out) ?? shownIn(killed.out)
    assert.ok(password, `moment ${moment} (TALLY_SEED=${seed}): nobody was shown a password`)
    found[shownIn(next.out) ? 'again' : 'lasting'] += 1
    await withServer(dataFolder, (server) => server.signIn('operator', password))
  }
  assert.ok(found.again > 0 && found.lasting > 0, `${JSON.stringify(found)} (TALLY_SEED=${seed})`)
})

/** What a program's standard output can be that nobody reads. */
async function* deafOutputs() {
  const full = await open('/dev/full', 'w')
  yield { name: 'full', start: (to) => attempt(to, { stdout: full.fd }) }
  await full.close()
  yield { name: 'without a reader', start: (to) => attempt(to, { environment: { STDOUT_GONE: '1' } }) }
  yield { name: 'closed', start: (to) => shell(`exec "$TALLYD" --data-dir '${to}' --listen 127.0.0.1:0 --log-level off >&-`) }
}

async function shell(line) {
  const env = { ...process.env }
  delete env.TALLY_OPERATOR_PASSWORD
  const child = spawn('sh', ['-c', line], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const result = { err: '' }
  child.stderr.on('data', (piece) => (result.err += piece))
  ;[result.code] = await once(child, 'close')
  return result
}

test('a first start whose output nobody reads makes nobody', async () => {
  for await (const { name, start } of deafOutputs()) {
    const dataFolder = join(folder, name.replaceAll(' ', '-'))
    const refused = await start(dataFolder)
    assert.equal(refused.code, 3, `${name}: ${refused.err}`)
    assert.match(refused.err, /nobody was made/, name)
    const next = await attempt(dataFolder)
    assert.ok(shownIn(next.out), name)
  }
})

test('a reset whose output nobody reads changes nothing', async () => {
  const dataFolder = join(folder, 'deaf')
  await withServer(dataFolder, () => {})
  for (const target of ['>/dev/full', '>&-']) {
    const refused = await shell(`exec "$TALLY" operator reset operator --data-dir '${dataFolder}' ${target}`)
    assert.equal(refused.code, 1, target)
    assert.match(refused.err, /nothing was changed/, target)
  }
  await check(dataFolder)
  await withServer(dataFolder, (server) => server.operator())
})
