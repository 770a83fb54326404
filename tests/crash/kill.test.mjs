// kill -9 under load, again and again on one data folder: nothing that was answered may be missing afterwards, and whatever was under
// way may be done again. TALLY_KILLS sets the number of kills, TALLY_SEED repeats a run.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Server, furnish } from '../outside/support/server.mjs'

const KILLS = Number(process.env.TALLY_KILLS ?? 20)
const WORKERS = 12
const seed = Number(process.env.TALLY_SEED ?? Date.now() % 2 ** 31)

/** mulberry32: small, and the same everywhere. */
function makeRandom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What the clients were told, and must find again. */
class Ledger {
  tokens = new Map() // id -> {refreshToken, refreshes, disabled}
  acknowledged = [] // {sequence, type, token}
  note(response, type, token) {
    const sequence = Number(response.headers.get('tally-sequence'))
    assert.ok(Number.isInteger(sequence), 'a write without Tally-Sequence')
    this.acknowledged.push({ sequence, type, token })
  }
}

class Worker {
  constructor(house, ledger, random, number) {
    Object.assign(this, { house, ledger, random, number, mine: [], generated: 0, unanswered: undefined })
  }

  /** Acts until the server is gone. Only a whole answer counts. */
  async run(server) {
    this.server = server
    for (;;) {
      try {
        await this.act()
      } catch (error) {
        if (error.name === 'AssertionError') throw error
        return // the connection broke: the outcome is unknown, and nothing was noted
      }
    }
  }

  async act() {
    const dice = this.random()
    if (this.unanswered) return this.generate()
    const live = this.mine.filter((token) => !token.disabled && !token.stopping)
    if (live.length === 0 || dice < 0.2) return this.generate()
    const token = live[Math.floor(this.random() * live.length)]
    return dice < 0.9 ? this.refresh(token) : this.disable(token)
  }

  async send(target, body, headers) {
    const response = await fetch(this.server.url + target, {
      method: 'POST', body, headers: { origin: this.server.url, ...headers } })
    return { response, status: response.status, json: JSON.parse(await response.text()) }
  }
  sendAsPerson(target, body, headers = {}) {
    return this.send(target, JSON.stringify(body), {
      cookie: this.house.grace.cookie, 'content-type': 'application/json', ...headers })
  }

  /** A generation that got no answer before a kill is asked for again with its key: it must be one token all the same. */
  async generate() {
    const key = this.unanswered ?? `crash-${this.number}-${++this.generated}`
    this.unanswered = key
    const { response, status, json } = await this.sendAsPerson(
      this.house.tokensPath, { name: key, lifetime_days: 1 }, { 'idempotency-key': key })
    assert.equal(status, 201, JSON.stringify(json))
    assert.equal(json.token.name, key)
    this.unanswered = undefined
    const token = { id: json.token.id, refreshToken: json.refresh_token, refreshes: 0, disabled: false }
    this.mine.push(token)
    this.ledger.tokens.set(token.id, token)
    this.ledger.note(response, 'TokenGenerated', token.id)
  }

  async refresh(token) {
    const body = new URLSearchParams({
      grant_type: 'refresh_token', client_id: this.house.workspace.client_id, refresh_token: token.refreshToken })
    const { response, status, json } = await this.send('/oauth2/token', body, {})
    assert.equal(status, 200, `an acknowledged refresh token was refused: ${JSON.stringify(json)}`)
    token.refreshToken = json.refresh_token
    token.refreshes += 1
    if (response.headers.has('tally-sequence')) this.ledger.note(response, undefined, token.id)
  }

  async disable(token) {
    token.stopping = true // asked for: from now on either state is right, unless it is acknowledged
    const { response, status } = await this.sendAsPerson(`${this.house.tokensPath}/${token.id}:disable`, {})
    assert.equal(status, 200)
    token.disabled = true
    this.ledger.note(response, 'TokenDisabled', token.id)
  }
}

/** Asks for checkpoints until the server is gone: what was told may never be taken back. `told`: size -> root. */
async function watch(server, told) {
  for (;;) {
    let note
    try {
      note = await (await fetch(`${server.url}/v1/ledger/checkpoint`)).text()
    } catch {
      return // the connection broke: nothing was told
    }
    const [, size, root] = note.split('\n')
    assert.match(size, /^\d+$/, note)
    assert.equal(told.get(Number(size)) ?? root, root, `two roots of ${size} events`)
    told.set(Number(size), root)
  }
}

/** The first checkpoint of a start covers more than the last one before the kill. */
async function checkpointAfter(server, told) {
  const largest = Math.max(0, ...told.keys())
  const [, size, root] = (await (await fetch(`${server.url}/v1/ledger/checkpoint`)).text()).split('\n')
  assert.ok(Number(size) > largest, `a checkpoint of ${size} events after one of ${largest}`)
  told.set(Number(size), root)
}

/** Reads the whole history of the workspace, and holds it against what the clients were told. */
async function audit(server, house, ledger) {
  const response = await fetch(`${server.url}/v1/workspaces/${house.workspace.id}/events:export?format=ndjson`, {
    headers: { cookie: house.edith.cookie } })
  assert.equal(response.status, 200)
  const events = (await response.text()).trim().split('\n').map((line) => JSON.parse(line))
  assert.deepEqual(events.map((event) => event.workspace_sequence), events.map((_, index) => index), 'a gap in the workspace')
  const bySequence = new Map(events.map((event) => [event.sequence, event]))
  for (const { sequence, type, token } of ledger.acknowledged) {
    const event = bySequence.get(sequence)
    assert.ok(event, `event ${sequence} (${type} of ${token}) was acknowledged and is missing`)
    assert.equal(event.token_id, token)
    if (type) assert.equal(event.type, type)
  }
  const names = events.filter(({ type }) => type === 'TokenGenerated').map(({ data }) => data.name)
  assert.equal(new Set(names).size, names.length, 'a repeated request made a second token')
  const disabled = new Set(events.filter(({ type }) => type === 'TokenDisabled').map(({ token_id }) => token_id))
  assert.ok(!events.some(({ type }) => type === 'TokenReuseDetected'), 'an honest client was taken for a thief')
  for (const token of ledger.tokens.values()) if (token.disabled) assert.ok(disabled.has(token.id))
  return events.length
}

test(`${KILLS} kills under load lose nothing that was acknowledged (TALLY_SEED=${seed})`, async () => {
  const random = makeRandom(seed)
  const dataFolder = await mkdtemp(join(tmpdir(), 'tally-crash-'))
  const ledger = new Ledger()
  let server = await Server.start({ dataFolder })
  try {
    const house = await furnish(server)
    const policyPath = `/v1/workspaces/${house.workspace.id}/policy`
    // A day to ask again: a restart under sanitizers may take longer than the default minute.
    const policy = await house.ada.must('GET', policyPath)
    await house.ada.must('PUT', policyPath, { ...policy, max_active_tokens_per_user: 100_000, refresh_retry_seconds: 86_400 })
    const workers = Array.from({ length: WORKERS }, (_, number) => new Worker(house, ledger, random, number))
    const told = new Map()
    let events = 0
    for (let kill = 0; kill < KILLS; ++kill) {
      const running = [...workers.map((worker) => worker.run(server)), watch(server, told)]
      const target = ledger.acknowledged.length + 1 + Math.floor(random() * 400)
      while (ledger.acknowledged.length < target && server.process.exitCode === null) await new Promise(setImmediate)
      await server.kill()
      await Promise.all(running)
      server = await Server.start({ dataFolder })
      for (const session of [house.ada, house.grace, house.edith]) session.server = server
      await checkpointAfter(server, told)
      events = await audit(server, house, ledger)
    }
    assert.ok(ledger.acknowledged.length > KILLS)
    console.log(`seed ${seed}: ${KILLS} kills, ${ledger.acknowledged.length} acknowledged actions, ${events} events, ${told.size} checkpoints`)
  } finally {
    await server.kill()
    await rm(dataFolder, { recursive: true, force: true })
  }
})
