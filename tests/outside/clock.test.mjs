// A clock that jumps, is behind or was ahead (libfaketime): nothing is dated by it, what reads goes on, and
// `tally clock accept` is the way out when the ledger is wrong. FAKETIME_DONT_FAKE_MONOTONIC leaves CLOCK_BOOTTIME alone.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { furnish, noClockToMove, PERSON_PASSWORD, Server } from './support/server.mjs'

const HOUR = 3_600
const TEN_YEARS = 10 * 365 * 24 * HOUR
const ISSUER = 'https://tally.example'
const run = promisify(execFile)

/** A machine with a clock that a test sets, and a data folder. */
class Machine {
  static async make() {
    const machine = new Machine()
    machine.home = await mkdtemp(join(tmpdir(), 'tally-clock-'))
    machine.folder = join(machine.home, 'data')
    machine.file = join(machine.home, 'clock')
    await machine.set(0)
    return machine
  }
  /** So many seconds ahead of the true time. */
  async set(ahead) {
    this.ahead = ahead
    // Renamed: whoever reads the clock meanwhile shall not find half a file.
    await writeFile(`${this.file}.new`, `${ahead < 0 ? '' : '+'}${ahead}s`)
    await rename(`${this.file}.new`, this.file)
  }
  get environment() {
    return {
      LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1', FAKETIME_TIMESTAMP_FILE: this.file, FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1',
    }
  }
  async start() {
    // The same issuer on every port, so that access tokens outlive a restart.
    this.server = await Server.start({ dataFolder: this.folder, args: ['--issuer', ISSUER], environment: this.environment })
    this.server.origin = ISSUER
    return this.server
  }
  async stop() {
    await this.server.stop()
  }
  /** `tally clock accept --json`: its answer. */
  async accept(environment = {}, folder = this.folder) {
    const { stdout } = await run(process.env.TALLY, ['clock', 'accept', '--data-dir', folder, '--json'],
      { env: { ...process.env, ...this.environment, ...environment } })
    return JSON.parse(stdout)
  }
  /** When the log of the server says so, from here on. */
  async says(pattern) {
    while (!pattern.test(this.server.log)) await once(this.server.process.stderr, 'data', { signal: AbortSignal.timeout(15_000) })
  }
  now() {
    return Math.floor(Date.now() / 1000) + this.ahead
  }
  async remove() {
    await rm(this.home, { recursive: true, force: true })
  }
}

const form = (server, path, parameters, authorization) => server.fetch(path, {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...(authorization ? { authorization } : {}) },
  body: new URLSearchParams(parameters).toString(),
})

/** What a furnished house asks its server, which may be another process by now. */
class Client {
  constructor(machine, house, made) {
    Object.assign(this, { machine, house, refresh_token: made.refresh_token, access_token: made.access_token })
  }
  async refresh(presented = this.refresh_token) {
    const answer = await form(this.machine.server, '/oauth2/token',
      { grant_type: 'refresh_token', client_id: this.house.workspace.id, refresh_token: presented })
    const json = await answer.json()
    if (answer.status === 200) Object.assign(this, { refresh_token: json.refresh_token, access_token: json.access_token })
    return { status: answer.status, json, retry_after: answer.headers.get('retry-after') }
  }
  async introspect(token = this.access_token) {
    const { id, secret } = this.house.resourceServer
    const answer = await form(this.machine.server, '/oauth2/introspect', { token }, `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`)
    assert.equal(answer.status, 200)
    return answer.json()
  }
}

const statusOf = async (server, path) => {
  const answer = await server.fetch(path)
  return { status: answer.status, code: (await answer.json()).code }
}
const claimsOf = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'))
const errorsIn = (server) => server.log.split('\n').filter((line) => line.includes('"level":"error"'))

/** A machine whose server has a house, and a token of grace's. */
const world = async () => {
  const machine = await Machine.make()
  const server = await machine.start()
  const house = await furnish(server)
  const made = await house.grace.must('POST', `/v1/workspaces/${house.workspace.id}/tokens`, { name: 'CI', lifetime_days: 1 })
  return { machine, house, client: new Client(machine, house, made), path: `/v1/workspaces/${house.workspace.id}` }
}

const signIn = (machine, house, name) => machine.server.signIn(`${name}-${house.workspace.id.slice(-8)}`, PERSON_PASSWORD)

describe('a running server', { skip: noClockToMove }, () => {
  let machine, house, client, path
  before(async () => ({ machine, house, client, path } = await world()))
  after(async () => {
    await machine.stop()
    await machine.remove()
  })

  for (const [name, ahead] of [['ten years ahead', TEN_YEARS], ['an hour back', -HOUR], ['two minutes ahead', 120]]) {
    test(`${name} and back: no command is taken meanwhile, and nothing is left of it`, async () => {
      assert.equal((await client.refresh()).status, 200)
      const size = async () => (await (await machine.server.fetch('/v1/ledger/checkpoint')).text()).split('\n')[1]
      await machine.set(ahead)
      const refused = await client.refresh()
      assert.equal(refused.status, 503)
      assert.equal(refused.json.error, 'temporarily_unavailable')
      assert.ok(Number(refused.retry_after) >= 1)
      const { status, json } = await house.grace.request('POST', `${path}/tokens`, { name: 'x', lifetime_days: 1 })
      // Ten years on, the session has ended; else the command is what is refused.
      assert.ok(ahead > 12 * HOUR ? status === 401 : status === 503 && json.code === 'clock_in_doubt', `${status}`)
      assert.deepEqual(await statusOf(machine.server, '/readyz'), { status: 503, code: 'clock_in_doubt' })
      assert.equal((await machine.server.fetch('/healthz')).status, 200)
      const before = await size()
      const introspected = await client.introspect()
      // By the reading: ended, or not issued yet, or, two minutes on, good.
      assert.equal(introspected.active, Math.abs(ahead) < HOUR)
      assert.equal(errorsIn(machine.server).filter((line) => line.includes('the clock')).length, 1, machine.server.log)

      await machine.set(0)
      await machine.says(/no longer in doubt/)
      assert.equal((await statusOf(machine.server, '/readyz')).status, 200)
      machine.server.log = ''
      assert.equal(await size(), before)
      assert.equal((await client.introspect()).active, true)
      const again = await client.refresh()
      assert.equal(again.status, 200)
      const { iat, exp } = claimsOf(client.access_token)
      assert.ok(Math.abs(iat - machine.now()) < 30, `iat ${iat}`)
      assert.ok(exp - iat <= HOUR)
    })
  }

  test('half a minute back: nothing is refused, and lives are counted from the clock', async () => {
    await client.refresh()
    await machine.set(-30)
    const answer = await client.refresh()
    assert.equal(answer.status, 200)
    const { iat, exp } = claimsOf(client.access_token)
    assert.ok(Math.abs(iat - machine.now()) < 10, `iat ${iat}, clock ${machine.now()}`)
    assert.ok(exp - machine.now() <= HOUR)
    assert.equal((await client.introspect()).iat, iat)
    await machine.set(0)
    assert.equal((await client.refresh()).status, 200)
  })
})

describe('a clock that was ten years ahead at the start', { skip: noClockToMove }, () => {
  let machine, house, client, path, ahead
  before(async () => {
    ({ machine, house, client, path } = await world())
    await machine.stop()
    await machine.set(TEN_YEARS)
    await machine.start()
    const grace = await signIn(machine, house, 'grace')
    const made = await grace.must('POST', `${path}/tokens`, { name: 'ahead', lifetime_days: 365 })
    ahead = { client: new Client(machine, house, made), grace, id: made.token.id }
    assert.equal((await ahead.client.introspect()).active, true)
  })
  after(async () => {
    await machine.stop()
    await machine.remove()
  })

  test('set right while it runs, it is in doubt', async () => {
    await machine.set(0)
    await machine.says(/the clock is behind/)
    assert.deepEqual(await statusOf(machine.server, '/readyz'), { status: 503, code: 'clock_in_doubt' })
    assert.equal((await client.refresh()).status, 503)
    assert.equal((await client.introspect(ahead.client.access_token)).active, false)
  })

  test('a restart starts, reads, and takes no command', async () => {
    await machine.stop()
    await machine.start()
    assert.deepEqual(await statusOf(machine.server, '/readyz'), { status: 503, code: 'clock_in_doubt' })
    const lines = errorsIn(machine.server)
    assert.equal(lines.length, 1, machine.server.log)
    assert.match(lines[0], /behind the ledger's newest event.*"clock":"20.*"newest_event":"20/)
    assert.equal((await client.refresh()).status, 503)
    assert.equal((await client.introspect()).active, true)
    assert.equal((await client.introspect(ahead.client.access_token)).active, false)
    ahead.grace.server = machine.server
    assert.equal((await ahead.grace.request('GET', '/v1/session')).status, 401)
    assert.equal((await machine.server.fetch('/oauth2/jwks')).status, 200)
  })

  test('accepted, its time goes on from the true one, and what was made meanwhile is dead', async () => {
    await machine.stop()
    // Cut short at every moment that makes something durable, it is finished by the next.
    const library = process.env.DIE_AT_LIBRARY
    for (let at = 1; library !== undefined; ++at) {
      const copy = join(machine.home, 'copy')
      await cp(machine.folder, copy, { recursive: true })
      const whole = await machine.accept({ LD_PRELOAD: `${machine.environment.LD_PRELOAD} ${library}`, DIE_AT: `${at}` }, copy)
        .catch(() => undefined)
      if (!whole) {
        const finished = await machine.accept({}, copy)
        assert.ok(finished.accepted === false || finished.tokens_disabled === 1, `${at}: ${JSON.stringify(finished)}`)
      }
      const { stdout } = await run(process.env.TALLY, ['replay', '--check', '--data-dir', copy, '--json'])
      assert.equal(JSON.parse(stdout).differences, 0)
      await rm(copy, { recursive: true })
      if (whole) break
    }
    const accepted = await machine.accept()
    assert.equal(accepted.accepted, true)
    assert.equal(accepted.tokens_disabled, 1)
    assert.ok(accepted.events_ahead > 2)
    assert.ok(Date.parse(accepted.ledger_time) - Date.parse(accepted.clock) > (TEN_YEARS - HOUR) * 1000)
    const again = await machine.accept()
    assert.deepEqual([again.accepted, again.events_ahead, again.tokens_disabled], [false, 0, 0])

    await machine.start()
    assert.equal((await statusOf(machine.server, '/readyz')).status, 200)
    assert.equal((await client.refresh()).status, 200)
    const { iat, exp } = claimsOf(client.access_token)
    assert.ok(Math.abs(iat - machine.now()) < 30)
    assert.ok(exp - iat <= HOUR)
    assert.equal((await client.introspect(ahead.client.access_token)).active, false)
    assert.equal((await ahead.client.refresh()).json.error, 'invalid_grant')
    const ada = await signIn(machine, house, 'ada')
    const token = await ada.must('GET', `${path}/tokens/${ahead.id}`)
    assert.equal(token.status, 'disabled')
    assert.equal(token.disabled_cause, 'clock')
  })

  test('as of, since and until are right around the correction', async () => {
    const edith = await signIn(machine, house, 'edith')
    // Reading the audit is an event, too.
    const read = async (query) => (await edith.must('GET', `${path}/events?limit=1000${query}`)).items.filter(({ type }) => type !== 'AuditRead')
    const all = await read('')
    const times = all.map((event) => Date.parse(event.recorded_at))
    const back = times.findIndex((time, index) => index > 0 && time < times[index - 1])
    assert.ok(back > 0)
    // A moment after the correction: everything before it is there, what is ahead too.
    const until = async (query) => (await read(`&${query}`)).map((event) => event.sequence)
    const later = new Date(times.at(-1) + 1000).toISOString()
    assert.deepEqual(await until(`until=${later}`), all.map((event) => event.sequence))
    const earlier = all[back - 1].sequence
    const correctedAt = all[back].recorded_at
    assert.deepEqual(await until(`since=${correctedAt}`), all.slice(back).map((event) => event.sequence))
    const lastGood = all.findLastIndex((event, index) => index < back && Date.parse(event.recorded_at) < Date.now() + HOUR * 1000)
    const between = new Date(times[lastGood] + 1).toISOString()
    assert.deepEqual(await until(`until=${between}`), all.slice(0, lastGood + 1).map((event) => event.sequence))
    assert.ok(earlier > all[lastGood].sequence)
    // The token of meanwhile was not there before, and is disabled now.
    assert.equal((await edith.request('GET', `${path}/tokens/${ahead.id}?as_of=${between}`)).status, 404)
    assert.equal((await edith.must('GET', `${path}/tokens/${ahead.id}?as_of=${later}`)).status, 'disabled')
  })
})

describe('a clock that is behind at the start', { skip: noClockToMove }, () => {
  let machine, client
  before(async () => ({ machine, client } = await world()))
  after(() => machine.remove())

  test('serves what reads; set right, it takes commands', async () => {
    await machine.stop()
    await machine.set(-365 * 24 * HOUR)
    await machine.start()
    assert.equal((await client.refresh()).status, 503)
    assert.deepEqual(await statusOf(machine.server, '/readyz'), { status: 503, code: 'clock_in_doubt' })
    assert.equal((await client.introspect()).active, false)
    await machine.set(0)
    await machine.says(/no longer in doubt/)
    assert.equal((await statusOf(machine.server, '/readyz')).status, 200)
    assert.equal((await client.introspect()).active, true)
    assert.equal((await client.refresh()).status, 200)
    await machine.stop()
  })
})
