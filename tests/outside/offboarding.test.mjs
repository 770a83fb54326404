// Letting people go: every door says the same, streams are cut, and however many tokens there are, all are dead at once, over a kill
// too. TALLY_LEAVER_TOKENS sets how many the leaver has.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Server, furnish } from './support/server.mjs'

const TOKENS = Number(process.env.TALLY_LEAVER_TOKENS ?? 5_000)

let server
before(async () => (server = await Server.start()))
after(() => server?.stop())

const basicOf = ({ id, secret }) => 'Basic ' + Buffer.from(`${id}:${secret}`).toString('base64')
const form = (target, fields, headers = {}, at = server) => at.fetch(target, {
  method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: new URLSearchParams(fields) })
const isActive = async (house, token, at = server) =>
  (await (await form('/oauth2/introspect', { token }, { authorization: basicOf(house.resourceServer) }, at)).json()).active
const statusWith = async (target, token, at = server) => (await at.fetch(target, { headers: { authorization: `Bearer ${token}` } })).status
const refresh = (house, token, at = server) =>
  form('/oauth2/token', { grant_type: 'refresh_token', client_id: house.workspace.id, refresh_token: token }, {}, at)
const legacyText = (number) => `legacy token ${number}`
const legacyLine = (number, owner) => JSON.stringify(
  { hash: createHash('sha256').update(legacyText(number)).digest('hex'), owner, description: `old ${number}` })

for (const [how, letGo] of [
  ['deactivated', (house, access) => house.operator.request('POST', `/v1/users/${house.grace.user.id}:deactivate`, access && { access })],
  ['removed', (house, access) => house.ada.request('DELETE', `/v1/workspaces/${house.workspace.id}/members/${house.grace.user.id}${access ? `?access=${access}` : ''}`)],
]) {
  for (const access of [undefined, 'keep']) {
    test(`${how}, access ${access ?? 'revoked'}: every door says the same`, async () => {
      const house = await furnish(server, how)
      const made = await house.grace.must('POST', house.tokensPath, { name: 't', lifetime_days: 9, scope: 'tally:tokens.read' })
      const answer = await letGo(house, access)
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.json.tokens_disabled, 1)
      assert.equal(await isActive(house, made.access_token), access === 'keep')
      assert.equal(await statusWith('/forward-auth', made.access_token), access === 'keep' ? 200 : 401)
      assert.equal((await refresh(house, made.refresh_token)).status, 400)
      assert.equal(await isActive(house, made.refresh_token), false)
      const times = ['dead_here_at', 'dead_in_status_lists_by', 'dead_everywhere_by'].map((name) => Date.parse(answer.json[name]))
      assert.ok(access === 'keep' || times[0] <= Date.now())
      assert.ok(times[2] <= Date.now() + 3_600_000)
      assert.ok(times[1] >= times[0] + 60_000)
    })
  }
}

test('an open stream of whoever is removed ends', { timeout: 20_000 }, async (t) => {
  const house = await furnish(server)
  const stream = await server.ask(`${server.url}/v1/workspaces/${house.workspace.id}/events:stream`, { headers: { cookie: house.edith.cookie } })
  assert.equal(stream.status, 200)
  const reader = stream.body.getReader()
  await reader.read()
  await house.ada.must('DELETE', `/v1/workspaces/${house.workspace.id}/members/${house.edith.user.id}`)
  const began = performance.now()
  while (!(await reader.read()).done);
  t.diagnostic(`after ${Math.round(performance.now() - began)} ms`)
})

test(`${TOKENS} tokens: all are dead from the first append on, over a kill too, and stopped once`, async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'tally-offboarding-'))
  let running = await Server.start({ dataFolder })
  try {
    const house = await furnish(running)
    const other = await furnish(running, 'Other')
    const made = await house.grace.must('POST', house.tokensPath, { name: 't', lifetime_days: 9 })
    const others = await other.grace.must('POST', other.tokensPath, { name: 't', lifetime_days: 9 })
    const lines = Array.from({ length: TOKENS }, (_, number) => legacyLine(number, house.grace.user.username)).join('\n')
    const imported = await running.ask(`${running.url}/v1/workspaces/${house.workspace.id}/legacy-tokens:import`, {
      method: 'POST', body: lines, headers: { 'content-type': 'application/x-ndjson', origin: running.url, cookie: house.ada.cookie } })
    assert.equal(imported.status, 200)
    await imported.text()
    assert.equal(await isActive(house, legacyText(TOKENS - 1), running), true)

    // Cut off as soon as the first append shows; other people's refreshes go on meanwhile.
    const removal = house.ada.request('DELETE', `/v1/workspaces/${house.workspace.id}/members/${house.grace.user.id}`).catch(() => undefined)
    const waits = []
    let token = others.refresh_token
    while (await isActive(house, made.access_token, running)) {
      const began = performance.now()
      token = (await (await refresh(other, token, running)).json()).refresh_token
      waits.push(performance.now() - began)
    }
    for (const number of [0, TOKENS - 1]) assert.equal(await isActive(house, legacyText(number), running), false)
    await running.kill()
    await removal

    running = await Server.start({ dataFolder })
    assert.equal(await isActive(house, legacyText(TOKENS - 1), running), false)
    assert.equal(await isActive(house, made.access_token, running), false)
    assert.equal(await statusWith('/forward-auth', made.access_token, running), 401)
    assert.equal((await refresh(house, made.refresh_token, running)).status, 400)
    house.ada.server = running
    const events = async (type) => {
      const found = []
      for (let after = ''; ;) {
        const page = await house.ada.must('GET', `/v1/workspaces/${house.workspace.id}/events?type=${type}&limit=1000${after}`)
        found.push(...page.items)
        if (page.next_after === undefined) return found
        after = `&after=${page.next_after}`
      }
    }
    let completed = []
    while (completed.length === 0) completed = await events('OffboardingCompleted')
    assert.equal(completed.length, 1)
    assert.equal(completed[0].data.tokens_disabled, TOKENS + 1)
    const disabled = (await events('TokenDisabled')).map((event) => event.token_id)
    assert.equal(disabled.length, TOKENS + 1)
    assert.equal(new Set(disabled).size, TOKENS + 1)
    assert.equal((await refresh(other, token, running)).status, 200)
    t.diagnostic(`${waits.length} refreshes of others, ${Math.round(Math.max(0, ...waits))} ms at most`)
  } finally {
    await running.stop().catch(() => undefined)
    await rm(dataFolder, { recursive: true, force: true })
  }
})
