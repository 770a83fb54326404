// The management API as a page or a script uses it. Every answer is held against the server's OpenAPI document (support/openapi.mjs).
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Server, furnish, PERSON_PASSWORD } from './support/server.mjs'

let server, house

before(async () => {
  server = await Server.start()
  house = await furnish(server)
})
after(() => server?.stop())

const generate = (session, body = {}) => session.must('POST', house.tokensPath, { name: 'laptop', lifetime_days: 30, ...body })
const code = (answer) => [answer.status, answer.json?.code]

test('sign-in: wrong password, unknown person and deactivated person get the same answer', async () => {
  const stranger = { username: 'nobody-at-all', password: PERSON_PASSWORD }
  const wrong = { username: house.grace.user.username, password: 'not-the-password' }
  const gone = await house.operator.must('POST', '/v1/users', { username: 'gone', display_name: 'Gone', password: PERSON_PASSWORD })
  await house.operator.must('POST', `/v1/users/${gone.id}:deactivate`, undefined)
  const answers = []
  for (const body of [stranger, wrong, { username: 'gone', password: PERSON_PASSWORD }]) {
    const response = await server.fetch('/v1/session', {
      method: 'POST', headers: { 'content-type': 'application/json', origin: server.url }, body: JSON.stringify(body) })
    const problem = await response.json()
    delete problem.instance
    answers.push({ status: response.status, problem })
  }
  assert.equal(answers[0].status, 401)
  assert.deepEqual(answers[1], answers[0])
  assert.deepEqual(answers[2], answers[0])
})

test('session: the cookie is HttpOnly and SameSite=Strict; a cross-site write is refused; signing out ends it', async () => {
  const session = await server.signIn(house.grace.user.username, PERSON_PASSWORD)
  const answer = await session.request('POST', house.tokensPath, { name: 'x', lifetime_days: 1 }, { origin: 'http://evil.example' })
  assert.equal(answer.status, 403)
  assert.equal((await session.request('DELETE', '/v1/session')).status, 204)
  assert.equal((await session.request('GET', '/v1/session')).status, 401)
})

test('generate: secrets are shown once; the list and the token never hold them', async () => {
  const generated = await generate(house.grace, { name: '  shown once  ' })
  assert.equal(generated.token.name, 'shown once')
  assert.match(generated.refresh_token, /^tlr_[0-9A-Za-z]{49}$/)
  const shown = await house.grace.request('GET', `${house.tokensPath}/${generated.token.id}`)
  assert.ok(!shown.text.includes('tlr_') && !shown.text.includes(generated.access_token))
  const days = (Date.parse(shown.json.expires_at) - Date.parse(shown.json.created_at)) / 86_400_000
  assert.equal(days, 30)
})

test('generate: each bad input is a 400 that names the field', async (t) => {
  const table = [
    ['no name', { lifetime_days: 1 }, 'name'],
    ['empty name', { name: '   ', lifetime_days: 1 }, 'name'],
    ['121 characters', { name: 'x'.repeat(121), lifetime_days: 1 }, 'name'],
    ['control character', { name: 'a\u0007b', lifetime_days: 1 }, 'name'],
    ['name is a number', { name: 7, lifetime_days: 1 }, 'name'],
    ['no lifetime', { name: 'x' }, 'lifetime_days'],
    ['0 days', { name: 'x', lifetime_days: 0 }, 'lifetime_days'],
    ['366 days', { name: 'x', lifetime_days: 366 }, 'lifetime_days'],
    ['half a day', { name: 'x', lifetime_days: 0.5 }, 'lifetime_days'],
    ['a text', { name: 'x', lifetime_days: '30' }, 'lifetime_days'],
    ['unknown field', { name: 'x', lifetime_days: 1, colour: 'red' }, 'colour'],
    ['quote in scope', { name: 'x', lifetime_days: 1, scope: 'a"b' }, 'scope'],
  ]
  for (const [name, body, field] of table) {
    await t.test(name, async () => {
      const answer = await house.grace.request('POST', house.tokensPath, body)
      assert.equal(answer.status, 400, answer.text)
      assert.ok(answer.json.errors.some((error) => error.field === field), answer.text)
    })
  }
  await t.test('120 characters outside the basic plane are a name', async () => {
    assert.equal((await generate(house.grace, { name: '😀'.repeat(120) })).token.name, '😀'.repeat(120))
  })
})

test('bodies that are no JSON object, too large or of another type are refused clearly', async () => {
  const send = (body, type = 'application/json') =>
    server.fetch(house.tokensPath, {
      method: 'POST', body, headers: { cookie: house.grace.cookie, origin: server.url, 'content-type': type } })
  for (const body of ['', '{', '[]', '"x"', '{"name":"a","name":"b","lifetime_days":1}', '{"name":"\\ud800","lifetime_days":1}']) {
    assert.equal((await send(body)).status, 400, body)
  }
  assert.equal((await send('{}', 'text/plain')).status, 415)
  assert.equal((await send('x'.repeat((1 << 20) + 1))).status, 413)
})

test('who may: a stranger sees nothing, a member their own, an auditor all but changes nothing, an admin everything', async () => {
  const elsewhere = await furnish(server, 'Elsewhere')
  const { token } = await generate(house.grace)
  const path = `${house.tokensPath}/${token.id}`
  assert.equal((await elsewhere.ada.request('GET', path)).status, 404)
  assert.equal((await elsewhere.ada.request('POST', `${path}:disable`, {})).status, 404)
  assert.equal((await house.operator.request('POST', house.tokensPath, { name: 'x', lifetime_days: 1 })).status, 404)
  const adas = await generate(house.ada)
  assert.equal((await house.grace.request('GET', `${house.tokensPath}/${adas.token.id}`)).status, 404)
  assert.equal((await house.grace.request('GET', `${house.tokensPath}?owner=all`)).status, 403)
  assert.equal((await house.edith.request('GET', path)).status, 200)
  assert.equal((await house.edith.request('POST', `${path}:disable`, {})).status, 403)
  assert.equal((await house.edith.request('POST', house.tokensPath, { name: 'x', lifetime_days: 1 })).status, 403)
  assert.equal((await house.ada.request('POST', `${path}:disable`, {})).json.status, 'disabled')
  assert.equal((await server.fetch(path)).status, 401)
})

test('a bearer token works in its own workspace and for its scopes only', async () => {
  const reader = await generate(house.grace, { scope: 'tally:tokens.read' })
  const bearer = { authorization: `Bearer ${reader.access_token}` }
  assert.equal((await server.fetch(house.tokensPath, { headers: bearer })).status, 200)
  const write = await server.fetch(house.tokensPath, {
    method: 'POST', headers: { ...bearer, 'content-type': 'application/json' }, body: '{"name":"x","lifetime_days":1}' })
  assert.equal(write.status, 403)
  assert.match(write.headers.get('www-authenticate') ?? '', /insufficient_scope/)
  const elsewhere = await furnish(server, 'Next door')
  assert.equal((await server.fetch(elsewhere.tokensPath, { headers: bearer })).status, 404)
  assert.equal((await server.fetch(house.tokensPath, { headers: { authorization: 'Bearer nonsense' } })).status, 401)
})

test('list: filters, search, every order, and cursors that neither repeat nor lose a token', async () => {
  const fresh = await furnish(server, 'Lists')
  const ids = new Map()
  for (let index = 0; index < 23; ++index) {
    const { token } = await fresh.grace.must('POST', fresh.tokensPath, { name: `token ${index % 7}`, lifetime_days: 1 + (index % 5) })
    ids.set(token.id, token)
  }
  const stopped = [...ids.keys()].slice(0, 6)
  const batch = await fresh.grace.must('POST', `${fresh.tokensPath}:batchDisable`, { ids: stopped })
  assert.ok(batch.results.every(({ outcome }) => outcome === 'disabled'))
  const walk = async (query) => {
    const items = []
    let cursor = ''
    do {
      const page = await fresh.grace.must('GET', `${fresh.tokensPath}?limit=4${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
      assert.ok(page.items.length <= 4)
      items.push(...page.items)
      cursor = page.next_cursor
    } while (cursor)
    return items
  }
  for (const field of ['created_at', 'expires_at', 'name', 'last_refreshed_at', 'status']) {
    for (const sign of ['', '-']) {
      const items = await walk(`&sort=${sign}${field}`)
      assert.deepEqual(new Set(items.map(({ id }) => id)), new Set(ids.keys()), `sort=${sign}${field}`)
      assert.equal(items.length, ids.size)
    }
  }
  const expiries = (await walk('&sort=expires_at')).map(({ expires_at }) => expires_at)
  assert.deepEqual(expiries, [...expiries].sort())
  assert.equal((await walk('&status=disabled')).length, 6)
  assert.equal((await walk('&q=TOKEN%203')).length, 3)
  assert.equal((await walk(`&q=${stopped[0]}`)).length, 1)
  const everyone = await fresh.ada.must('GET', `${fresh.tokensPath}?owner=${fresh.grace.user.id}&limit=1000`)
  assert.equal(everyone.items.length, 23)
  for (const bad of ['limit=0', 'limit=1001', 'limit=x', 'cursor=!!!', 'cursor=AAAA', 'sort=colour', 'status=sleepy', 'owner=x', 'colour=red']) {
    assert.equal((await fresh.ada.request('GET', `${fresh.tokensPath}?${bad}`)).status, 400, bad)
  }
})

test('several at once: an outcome per id, in one append', async () => {
  const [own, foreign] = [await generate(house.grace), await generate(house.ada)]
  const elsewhere = await furnish(server, 'Far away')
  const far = await elsewhere.grace.must('POST', elsewhere.tokensPath, { name: 'far', lifetime_days: 1 })
  const ids = [own.token.id, foreign.token.id, far.token.id, 'tok_00000000000000000000000000']
  const { results } = await house.grace.must('POST', `${house.tokensPath}:batchDisable`, { ids })
  assert.deepEqual(results.map(({ outcome }) => outcome), ['disabled', 'not_found', 'not_found', 'not_found'])
  const again = await house.ada.must('POST', `${house.tokensPath}:batchDelete`, { ids })
  assert.deepEqual(again.results.map(({ outcome }) => outcome), ['deleted', 'deleted', 'not_found', 'not_found'])
  for (const bad of [[], Array(1001).fill(ids[0]), ['nonsense'], 'x']) {
    assert.equal((await house.ada.request('POST', `${house.tokensPath}:batchDisable`, { ids: bad })).status, 400)
  }
})

test('policy: bounds apply to what is issued afterwards', async () => {
  const fresh = await furnish(server, 'Strict')
  const path = `/v1/workspaces/${fresh.workspace.id}/policy`
  const before = await fresh.grace.must('GET', path)
  const strict = { ...before, max_lifetime_days: 7, max_active_tokens_per_user: 2, access_token_seconds: 60, allowed_scopes: ['orders.read'] }
  assert.equal((await fresh.grace.request('PUT', path, strict)).status, 403)
  await fresh.ada.must('PUT', path, strict)
  const long = await fresh.grace.request('POST', fresh.tokensPath, { name: 'x', lifetime_days: 8 })
  assert.equal(long.status, 400)
  const first = await fresh.grace.must('POST', fresh.tokensPath, { name: 'one', lifetime_days: 7 })
  assert.equal(first.expires_in, 60)
  assert.equal(first.token.scope, 'orders.read')
  await fresh.grace.must('POST', fresh.tokensPath, { name: 'two', lifetime_days: 7 })
  assert.ok((await fresh.grace.request('POST', fresh.tokensPath, { name: 'three', lifetime_days: 7 })).status >= 400)
  await fresh.ada.must('PUT', path, { ...strict, who_may_generate: 'admins' })
  assert.equal((await fresh.grace.request('POST', fresh.tokensPath, { name: 'x', lifetime_days: 1 })).status, 403)
  assert.equal((await fresh.ada.request('PUT', path, { ...strict, max_lifetime_days: 366 })).status, 400)
})

test('emergency cut-off: everything issued before stops, what comes after works', async () => {
  const fresh = await furnish(server, 'Cut off')
  const olds = []
  for (let index = 0; index < 3; ++index) olds.push(await fresh.grace.must('POST', fresh.tokensPath, { name: 'old', lifetime_days: 1 }))
  const time = new Date(Date.parse(olds.at(-1).token.created_at) + 1).toISOString()
  const { count } = await fresh.ada.must('POST', `${fresh.tokensPath}:disableIssuedBefore`, { time })
  assert.equal(count, 3)
  const list = await fresh.grace.must('GET', `${fresh.tokensPath}?status=disabled`)
  assert.equal(list.items.length, 3)
  const young = await fresh.grace.must('POST', fresh.tokensPath, { name: 'young', lifetime_days: 1 })
  assert.equal(young.token.status, 'active')
})

test('offboarding: removing a member disables all of that person’s tokens there', async () => {
  const fresh = await furnish(server, 'Leaving')
  const { token } = await fresh.grace.must('POST', fresh.tokensPath, { name: 'x', lifetime_days: 1 })
  assert.equal((await fresh.ada.request('DELETE', `/v1/workspaces/${fresh.workspace.id}/members/${fresh.grace.user.id}`)).status, 200)
  assert.equal((await fresh.ada.must('GET', `${fresh.tokensPath}/${token.id}`)).status, 'disabled')
  assert.equal((await fresh.grace.request('GET', fresh.tokensPath)).status, 404)
  const last = await fresh.ada.request('DELETE', `/v1/workspaces/${fresh.workspace.id}/members/${fresh.ada.user.id}`)
  assert.equal(last.status, 200)
  assert.deepEqual(last.json.workspaces_without_admin, [fresh.workspace.id])
})

test('audit: the whole history of a token in order, with who and through what; as it stood then', async () => {
  const generated = await generate(house.grace, { name: 'audited' })
  const path = `${house.tokensPath}/${generated.token.id}`
  await house.ada.must('POST', `${path}:disable`, { reason: 'rotation day' })
  const { items } = await house.grace.must('GET', `${path}/events`)
  assert.deepEqual(items.map(({ type }) => type), ['TokenGenerated', 'TokenDisabled'])
  assert.equal(items[0].actor.id, house.grace.user.id)
  assert.equal(items[1].actor.username, house.ada.user.username)
  assert.ok(items[0].request_id && items[0].source_ip)
  assert.equal(items[1].data.reason, 'rotation day')
  const before = await house.grace.must('GET', `${path}?as_of=${items[0].sequence}`)
  assert.equal(before.status, 'active')
  const events = `/v1/workspaces/${house.workspace.id}/events`
  assert.equal((await house.grace.request('GET', events)).status, 403)
  const seen = []
  let after
  do {
    const page = await house.edith.must('GET', `${events}?limit=7${after === undefined ? '' : `&after=${after}`}`)
    seen.push(...page.items)
    after = page.next_after
  } while (after !== undefined && seen.length < 10_000)
  const numbers = seen.map(({ workspace_sequence }) => workspace_sequence)
  assert.deepEqual(numbers.slice(0, 50), Array.from({ length: Math.min(50, numbers.length) }, (_, index) => index))
  assert.ok(!JSON.stringify(seen).includes('tlr_') && !/argon2/i.test(JSON.stringify(seen)))
})

test('export: ndjson and csv hold every event of the workspace, and the manifest’s figures are those of the bytes', async () => {
  for (const format of ['ndjson', 'csv']) {
    const response = await server.fetch(`/v1/workspaces/${house.workspace.id}/events:export?format=${format}`, {
      headers: { cookie: house.edith.cookie } })
    assert.equal(response.status, 200)
    const bytes = Buffer.from(await response.arrayBuffer())
    const lines = bytes.toString().trim().split(/\r?\n/)
    const rows = format === 'csv' ? lines.length - 1 : lines.length
    const id = response.headers.get('tally-export')
    const manifest = await house.edith.must('GET', `/v1/workspaces/${house.workspace.id}/exports/${id}/manifest`)
    assert.equal(manifest.sha256, createHash('sha256').update(bytes).digest('hex'))
    assert.equal(manifest.bytes, bytes.length)
    assert.equal(manifest.events_exported, rows)
    if (format === 'ndjson') {
      const sequences = lines.map((line) => JSON.parse(line).workspace_sequence)
      assert.deepEqual(sequences, sequences.map((_, index) => index))
    }
  }
  assert.equal((await house.edith.request('GET', `/v1/workspaces/${house.workspace.id}/events:export?format=xml`)).status, 400)
})

test('every write answers its sequence, and what was written can be read at once', async () => {
  const answer = await house.grace.request('POST', house.tokensPath, { name: 'mine', lifetime_days: 1 })
  assert.match(answer.headers.get('tally-sequence'), /^\d+$/)
  assert.equal((await house.grace.request('GET', answer.headers.get('location'))).status, 200)
})

test('unknown paths and methods, oversized headers, and the probes', async () => {
  assert.equal((await server.fetch('/v1/nothing')).status, 404)
  const wrong = await server.fetch('/v1/session', { method: 'PUT' })
  assert.equal(wrong.status, 405)
  assert.ok(wrong.headers.get('allow').includes('GET'))
  assert.equal((await fetch(server.url + '/v1/session', { headers: { 'x-filler': 'x'.repeat(20_000) } })).status, 431)
  for (const probe of ['/healthz', '/readyz']) assert.equal((await server.fetch(probe)).status, 200)
})
