// Several operators, a password that nobody knows any more, what a start says of a password that it was given, and the server auditor.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { OPERATOR_PASSWORD, PERSON_PASSWORD, Server, furnish } from './support/server.mjs'

const run = promisify(execFile)
let folder

before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-operators-'))))
after(() => rm(folder, { recursive: true, force: true }))

async function withServer(dataFolder, work) {
  const server = await Server.start({ dataFolder })
  try {
    await work(server)
  } finally {
    await server.stop()
  }
}

// The last piece may end in the middle of a line.
const messages = (server) => server.log.split('\n').slice(0, -1).map((line) => JSON.parse(line))

test('what two operators do stands under two ids, and a break-glass sign-in is a warning', async () => {
  await withServer(join(folder, 'two'), async (server) => {
    const { operator, workspace, ada, grace } = await furnish(server)
    await operator.must('POST', `/v1/users/${grace.user.id}:setOperator`, { standing: 'operator' })
    const other = await operator.must('POST', '/v1/users', { username: 'henry', display_name: 'Henry', password: PERSON_PASSWORD })
    await grace.must('PUT', `/v1/workspaces/${workspace.id}/members/${other.id}`, { role: 'member' })
    const { items } = await ada.must('GET', `/v1/workspaces/${workspace.id}/events?type=MemberAdded`)
    assert.deepEqual(items.map((event) => [event.actor.kind, event.actor.id]).filter(([, id]) => id !== operator.who.user.id),
      [['operator', grace.user.id]])
    assert.ok(items.some((event) => event.actor.id === operator.who.user.id))

    const signedIn = () => messages(server).filter((line) => line.message === 'a break-glass account has signed in')
    const before = signedIn().length
    const session = await server.fetch('/v1/session', { method: 'POST', headers: { origin: server.url, 'content-type': 'application/json', 'x-request-id': 'the-last-one' },
      body: JSON.stringify({ username: 'operator', password: OPERATOR_PASSWORD }) })
    assert.equal(session.status, 200)
    await server.logged('"request_id":"the-last-one"')
    const told = signedIn()
    assert.ok(told.length > before)
    assert.equal(told.at(-1).level, 'warning')
    assert.equal(told.at(-1).user, operator.who.user.id)
    assert.ok(told.at(-1).request_id)
    assert.ok(!JSON.stringify(told).includes('operator"') && !JSON.stringify(told).includes(OPERATOR_PASSWORD))
    // Nobody else's is.
    await server.signIn('henry', PERSON_PASSWORD)
    assert.equal(messages(server).filter((line) => line.message.includes('break-glass')).length, told.length)
  })
})

test('a forgotten password: reset, sign in with the new one, old sessions are over, and the rows are the log\'s', async () => {
  const dataFolder = join(folder, 'forgotten')
  let old
  await withServer(dataFolder, async (server) => (old = (await server.operator()).cookie))
  const { stdout } = await run(process.env.TALLY, ['operator', 'reset', 'operator', '--data-dir', dataFolder])
  const password = /shown only now: (\S+)/.exec(stdout)[1]
  await run(process.env.TALLY, ['replay', '--check', '--data-dir', dataFolder])
  await withServer(dataFolder, async (server) => {
    const { status } = await fetch(`${server.url}/v1/session`, { headers: { cookie: old } })
    assert.equal(status, 401)
    await assert.rejects(server.operator())
    const operator = await server.signIn('operator', password)
    assert.equal(operator.who.user.standing, 'break_glass')
  })
  await run(process.env.TALLY, ['replay', '--check', '--data-dir', dataFolder])
})

/** What a start with that password (undefined: none) prints and logs. */
async function start(dataFolder, password) {
  const env = { ...process.env, TALLY_OPERATOR_PASSWORD: password }
  if (password === undefined) delete env.TALLY_OPERATOR_PASSWORD
  const child = spawn(process.env.TALLYD, ['--data-dir', dataFolder, '--listen', '127.0.0.1:0'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const told = { out: '', log: '' }
  child.stderr.on('data', (piece) => (told.log += piece))
  child.stdout.on('data', (piece) => {
    told.out += piece
    if (told.out.includes('listening on')) child.kill('SIGTERM')
  })
  const [code] = await once(child, 'close')
  assert.equal(code, 0, told.log)
  return { lines: told.out.trim().split('\n'), about: told.log.trim().split('\n').map((line) => JSON.parse(line)).filter((line) => line.message.includes('password')) }
}

test('a password that is given at a later start is compared, and what came of it is said', async () => {
  const dataFolder = join(folder, 'later')
  assert.equal((await start(dataFolder, OPERATOR_PASSWORD)).lines.length, 1)
  const equal = await start(dataFolder, OPERATOR_PASSWORD)
  assert.equal(equal.lines.length, 1)
  assert.deepEqual(equal.about.map((line) => line.level), ['info'])
  const other = await start(dataFolder, 'another-password-for-it')
  assert.equal(other.lines.length, 2)
  assert.match(other.lines[0], /not used; this ledger has operators; .*tally operator reset NAME/)
  assert.deepEqual(other.about.map((line) => line.level), ['warning'])
  const none = await start(dataFolder, undefined)
  assert.equal(none.lines.length, 1)
  assert.deepEqual(none.about, [])
})

test('the server auditor follows a workspace that is none of theirs, until they are an auditor no more', async () => {
  await withServer(join(folder, 'auditor'), async (server) => {
    const { operator, workspace, grace, tokensPath } = await furnish(server)
    const user = await operator.must('POST', '/v1/users', { username: 'olga', display_name: 'Olga', password: PERSON_PASSWORD })
    await operator.must('POST', `/v1/users/${user.id}:setOperator`, { standing: 'auditor' })
    const olga = await server.signIn('olga', PERSON_PASSWORD)
    const stream = await fetch(`${server.url}/v1/workspaces/${workspace.id}/events:stream`, { headers: { cookie: olga.cookie } })
    assert.equal(stream.status, 200)
    const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader()
    const { token } = await grace.must('POST', tokensPath, { name: 'robot', lifetime_days: 1 })
    let text = ''
    while (!text.includes(token.id)) {
      const { done, value } = await reader.read()
      assert.ok(!done, 'the stream ended')
      text += value
    }
    await operator.must('POST', `/v1/users/${user.id}:setOperator`, { standing: 'none' })
    for (;;) if ((await reader.read()).done) break
    assert.equal((await olga.request('GET', `/v1/workspaces/${workspace.id}/events`)).status, 404)
  })
})
