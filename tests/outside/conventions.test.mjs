// The conventions of the HTTP API as a careful client meets them: requests that are repeated, answers that are compared, limits, what is
// refused and stands in the audit, and tokens of the system before.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Server, furnish, PERSON_PASSWORD } from './support/server.mjs'

let server, house, scratch

before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tally-conventions-'))
  server = await Server.start()
  house = await furnish(server)
})
after(async () => {
  await server?.stop()
  await rm(scratch, { recursive: true, force: true })
})

const sha256 = (text, encoding = 'hex') => createHash('sha256').update(text).digest(encoding)
const newToken = { name: 'laptop', lifetime_days: 30 }

const importLines = (session, lines, headers = {}) => server.fetch(`/v1/workspaces/${house.workspace.id}/legacy-tokens:import`, {
  method: 'POST', body: lines.map((line) => JSON.stringify(line) + '\n').join(''),
  headers: { origin: server.url, cookie: session.cookie, 'content-type': 'application/x-ndjson', ...headers } })

const introspect = async (token) => {
  const { id, secret } = house.resourceServer
  const response = await server.fetch('/oauth2/introspect', { method: 'POST', body: new URLSearchParams({ token }), headers: {
    authorization: 'Basic ' + Buffer.from(`${id}:${secret}`).toString('base64') } })
  return { headers: response.headers, json: await response.json() }
}

test('Idempotency-Key: a repeat is one token, also after the server was killed and started again', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'tally-conventions-'))
  let killed = await Server.start({ dataFolder })
  try {
    const { grace, tokensPath } = await furnish(killed)
    const headers = { 'idempotency-key': randomUUID() }
    const first = await grace.request('POST', tokensPath, newToken, headers)
    assert.equal(first.status, 201)
    await killed.kill()
    killed = await Server.start({ dataFolder })
    grace.server = killed
    const again = await grace.request('POST', tokensPath, newToken, { ...headers, origin: killed.url })
    assert.equal(again.status, 201, again.text)
    assert.equal(again.text, first.text)
    assert.equal(again.headers.get('tally-sequence'), first.headers.get('tally-sequence'))
    assert.equal((await grace.must('GET', tokensPath)).items.length, 1)
    assert.equal((await stat(join(dataFolder, 'keys', 'server-answers.key'))).mode & 0o777, 0o600)
  } finally {
    await killed.kill()
    await rm(dataFolder, { recursive: true, force: true })
  }
})

test('Idempotency-Key: many at once are one token, and the others are told to wait', async () => {
  const headers = { 'idempotency-key': randomUUID() }
  const body = { name: 'only one', lifetime_days: 1 }
  const answers = await Promise.all(Array.from({ length: 12 }, () => house.grace.request('POST', house.tokensPath, body, headers)))
  const made = new Set()
  for (const answer of answers) {
    if (answer.status === 201) made.add(answer.json.token.id)
    else assert.deepEqual([answer.status, answer.json.code, answer.headers.get('retry-after')], [409, 'request_running', '1'])
  }
  assert.equal(made.size, 1)
  const other = await house.grace.request('POST', house.tokensPath, newToken, headers)
  assert.deepEqual([other.status, other.json.code], [422, 'idempotency_mismatch'])
})

test('Idempotency-Key: no secret of a kept answer lies in the data folder', async () => {
  const headers = { 'idempotency-key': randomUUID() }
  const { json } = await house.grace.request('POST', house.tokensPath, newToken, headers)
  const found = await promisify(execFile)('grep', ['-rlF', json.refresh_token, server.dataFolder]).catch(({ code, stdout }) => ({ code, stdout }))
  assert.deepEqual([found.code, found.stdout], [1, ''])
})

test('ETag: an unchanged answer is not sent again, a changed thing is not written over', async () => {
  const path = `/v1/workspaces/${house.workspace.id}/policy`
  const seen = await house.ada.request('GET', path)
  const tag = seen.headers.get('etag')
  const same = await house.ada.request('GET', path, undefined, { 'if-none-match': tag })
  assert.deepEqual([same.status, same.text, same.headers.get('etag')], [304, '', tag])
  const policy = { ...seen.json, max_lifetime_days: 364 }
  const changed = await house.ada.request('PUT', path, policy, { 'if-match': tag })
  assert.equal(changed.status, 200)
  const lost = await house.ada.request('PUT', path, { ...policy, max_lifetime_days: 90 }, { 'if-match': tag })
  assert.deepEqual([lost.status, lost.json.code], [412, 'precondition_failed'])
  assert.equal((await house.ada.must('GET', path)).max_lifetime_days, 364)
})

test('limits: 429 with what is left and when to come back; a dead refresh token is told so all the same', async () => {
  const limited = await Server.start({ args: ['--caller-requests-per-minute', '40', '--log-level', 'off'] })
  try {
    const { grace, workspace, tokensPath } = await furnish(limited)
    const { refresh_token: spent, token } = await grace.must('POST', tokensPath, newToken)
    const { refresh_token: alive } = await grace.must('POST', tokensPath, newToken)
    await grace.must('POST', `${tokensPath}/${token.id}:disable`, {})
    let answer
    for (let count = 0; count < 60; ++count) {
      answer = await grace.request('GET', '/v1/session')
      assert.match(answer.headers.get('ratelimit-policy'), /^"address";q=\d+;w=60, "caller";q=40;w=60$/)
      if (answer.status === 429) break
    }
    assert.deepEqual([answer.status, answer.json.code], [429, 'rate_limited'])
    assert.ok(Number(answer.headers.get('retry-after')) >= 1)
    assert.match(answer.headers.get('ratelimit'), /, "caller";r=0;t=\d+$/)
    // The client at /oauth2/token is a caller of its own.
    const refresh = (refresh_token) => limited.fetch('/oauth2/token', { method: 'POST', body: new URLSearchParams({
      grant_type: 'refresh_token', client_id: workspace.client_id, refresh_token }) })
    let current = alive
    for (let count = 0; count < 60; ++count) {
      answer = await refresh(current)
      if (answer.status === 429) break
      current = (await answer.json()).refresh_token
    }
    assert.equal(answer.status, 429)
    assert.equal((await answer.json()).error, 'temporarily_unavailable')
    for (const dead of [spent, 'tlr_nonsense', alive]) {
      const refused = await refresh(dead)
      assert.deepEqual([refused.status, (await refused.json()).error], [400, 'invalid_grant'])
    }
  } finally {
    await limited.stop()
  }
})

test('limits: wrong passwords for one name end in 429, and other names go on', async () => {
  const attempt = async (username, password) => (await server.fetch('/v1/session', {
    method: 'POST', headers: { 'content-type': 'application/json', origin: server.url }, body: JSON.stringify({ username, password }) })).status
  const name = house.edith.user.username
  const statuses = []
  // On a slow machine another one is there before the ten are used up.
  do statuses.push(await attempt(name, 'not-the-password'))
  while (statuses.at(-1) === 401 && statuses.length < 60)
  assert.deepEqual([...new Set(statuses)], [401, 429])
  assert.ok(statuses.length > 10)
  assert.equal(await attempt(name, PERSON_PASSWORD), 429)
  assert.equal(await attempt(house.grace.user.username, PERSON_PASSWORD), 200)
})

test('denied attempts: the first stands in the audit and in exports; a hundred more do not', async () => {
  const secret = `/v1/workspaces/${house.workspace.id}/resource-servers`
  for (let count = 0; count < 101; ++count) assert.equal((await house.grace.request('POST', secret, { name: 'x' })).status, 403)
  const audit = await house.edith.must('GET', `/v1/workspaces/${house.workspace.id}/events?type=CommandDenied&actor=${house.grace.user.id}`)
  assert.equal(audit.items.length, 1)
  const [{ data, actor, source_ip }] = audit.items
  assert.deepEqual([data.command, data.reason, data.count], ['POST /v1/workspaces/{workspace}/resource-servers', 'forbidden', 1])
  assert.deepEqual([actor.id, source_ip], [house.grace.user.id, '127.0.0.1'])
  const exported = await house.edith.request('GET', `/v1/workspaces/${house.workspace.id}/events:export?format=csv&type=CommandDenied`)
  assert.match(exported.text, /CommandDenied/)
})

test('legacy tokens: an import larger than any other body streams; its tokens are accepted until the sunset', async () => {
  const owner = house.grace.user.username
  const lines = Array.from({ length: 12_000 }, (_, number) => ({
    hash: sha256(`legacy-${number}`, number % 2 ? 'hex' : 'base64url'), owner, description: `cron ${number}`, created: '2019-04-01T12:00:00Z' }))
  lines.splice(7, 0, { hash: 'nonsense', owner, description: 'bad' }, { hash: sha256('x'), owner: 'nobody-here', description: 'whose' })
  assert.ok(JSON.stringify(lines).length > 1 << 20)
  const answer = await importLines(house.ada, lines)
  assert.equal(answer.status, 200)
  const report = await answer.json()
  assert.deepEqual([report.imported, report.already_imported, report.refused, report.results.length], [12_000, 0, 2, 12_002])
  assert.deepEqual([report.results[7].outcome, report.results[7].field, report.results[8].outcome], ['invalid', 'hash', 'unknown_owner'])

  const { headers, json } = await introspect('legacy-4711')
  assert.deepEqual([json.active, json.sub, json.tally_kind, json.iat], [true, house.grace.user.id, 'legacy', Date.parse('2019-04-01T12:00:00Z') / 1000])
  assert.match(headers.get('deprecation'), /^@\d+$/)
  assert.equal(headers.get('sunset'), null) // there is no end yet
  assert.deepEqual((await introspect('legacy-12000')).json, { active: false })

  const policyPath = `/v1/workspaces/${house.workspace.id}/policy`
  const policy = await house.ada.must('GET', policyPath)
  const sunset = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000)
  await house.ada.must('PUT', policyPath, { ...policy, legacy_sunset_at: sunset.toISOString() })
  assert.equal((await introspect('legacy-1')).headers.get('sunset'), sunset.toUTCString())

  // Disabling works on them as on others, and they can not be refreshed.
  const { items } = await house.ada.must('GET', `${house.tokensPath}?owner=all&kind=legacy&q=cron%204711`)
  assert.equal(items.length, 1)
  await house.grace.must('POST', `${house.tokensPath}/${items[0].id}:disable`, {})
  assert.deepEqual((await introspect('legacy-4711')).json, { active: false })
  const refused = await server.fetch('/oauth2/token', { method: 'POST', body: new URLSearchParams({
    grant_type: 'refresh_token', client_id: house.workspace.client_id, refresh_token: 'legacy-1' }) })
  assert.equal(refused.status, 400)

  await house.ada.must('PUT', policyPath, { ...policy, legacy_sunset_at: new Date(Date.now() - 1000).toISOString() })
  assert.deepEqual((await introspect('legacy-1')).json, { active: false })
  await house.ada.must('PUT', policyPath, policy)
})

test('legacy tokens: only admins import, and what is refused is not read to its end', async () => {
  const line = { hash: sha256('y'), owner: house.grace.user.username, description: 'd' }
  assert.equal((await importLines(house.grace, [line])).status, 403)
  assert.equal((await importLines(house.ada, [line], { 'content-type': 'application/json' })).status, 415)
})

test('tally import-legacy: a file, its refusals by line, and the list of whose are still used', { skip: !process.env.TALLY }, async () => {
  const file = join(scratch, 'tokens.ndjson')
  const owner = house.grace.user.username
  await writeFile(file, JSON.stringify({ hash: sha256('from a file'), owner, description: 'from a file' }) + '\n\n{"broken\n')
  const env = { PATH: process.env.PATH, HOME: scratch, XDG_CONFIG_HOME: scratch, TALLY_URL: server.url, TALLY_WORKSPACE: house.workspace.id, TALLY_PASSWORD: PERSON_PASSWORD }
  const tally = (...args) => promisify(execFile)(process.env.TALLY, args, { env }).catch((error) => error)
  const login = await tally('login', house.ada.user.username)
  assert.ok(!login.code, login.stderr)
  const imported = await tally('import-legacy', file)
  assert.equal(imported.code, 1)
  assert.match(imported.stdout, /1 imported, 0 known already, 1 refused/)
  assert.match(imported.stdout, /^3 +invalid/m)
  await introspect('from a file')
  const list = await tally('token', 'list', '--kind', 'legacy', '--owner', 'all', '--sort', '-last_used_at')
  assert.ok(!list.code, list.stderr)
  assert.match(list.stdout, /from a file/)
})
