// One caller, or twenty addresses, do not take what is everybody's.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { after, before, test } from 'node:test'
import { Server, furnish, PERSON_PASSWORD } from './support/server.mjs'

const newToken = { name: 'build robot', lifetime_days: 30 }
let server, house

before(async () => {
  // The limit of failures is out of the way: what is left is who gets a turn.
  server = await Server.start({ args: ['--sign-in-failures-per-minute', '0'] })
  house = await furnish(server)
})
after(() => server.stop())

/** Asks from one of the machine's own addresses. */
async function askFrom(localAddress, agent, target, body, headers = {}) {
  const url = new URL(server.url + target)
  const asking = request(url, { method: 'POST', agent, localAddress, headers: { origin: server.url, 'content-type': 'application/json', ...headers } })
  asking.end(JSON.stringify(body))
  const [answer] = await once(asking, 'response')
  answer.resume()
  await once(answer, 'end')
  return answer.statusCode
}

/** `count` callers who ask again and again until they are told to end; how they were answered. */
function flood(count, ask) {
  const answered = {}
  let over = false
  const callers = Array.from({ length: count }, async (_, number) => {
    while (!over) {
      const status = await ask(number)
      answered[status] = (answered[status] ?? 0) + 1
    }
  })
  return { answered, end: async () => { over = true; await Promise.all(callers) } }
}

// Who waits longer than 8 s is told 503.
async function signInsOfSomebodyElse(flood) {
  try {
    for (let count = 0; count < 4; ++count) assert.ok((await server.signIn(house.edith.user.username, PERSON_PASSWORD)).cookie)
  } finally {
    await flood.end()
  }
}

test('one member who guesses their own password on 80 connections keeps nobody from signing in', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 80 })
  const body = { password: 'another long password', current_password: 'wrong' }
  const guesses = flood(80, () => askFrom('127.0.0.2', agent, `/v1/users/${house.grace.user.id}:setPassword`, body, { cookie: house.grace.cookie }))
  await signInsOfSomebodyElse(guesses)
  agent.destroy()
  assert.ok(guesses.answered[400] > 0)
  const { items } = await house.ada.must('GET', `/v1/workspaces/${house.workspace.id}/events?type=SignInFailed`)
  assert.deepEqual(items.filter((event) => event.subject.id !== house.grace.user.id), [])
})

test('twenty addresses with three attempts each under way keep nobody from signing in', async () => {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity })
  const guesses = flood(60, (number) =>
    askFrom(`127.0.0.${10 + (number % 20)}`, agent, '/v1/session', { username: `nobody-${number}`, password: 'wrong' }))
  await signInsOfSomebodyElse(guesses)
  agent.destroy()
  assert.ok(guesses.answered[401] > 0)
})

test('forty workers with one refresh token end with one pair, and nobody disables anything', async () => {
  const { refresh_token: shared, token } = await house.grace.must('POST', house.tokensPath, newToken)
  const refresh = async (refresh_token) => {
    const answer = await server.fetch('/oauth2/token', { method: 'POST', body: new URLSearchParams({
      grant_type: 'refresh_token', client_id: house.workspace.client_id, refresh_token }) })
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), ...(await answer.json()) }
  }
  const answers = await Promise.all(Array.from({ length: 40 }, () => refresh(shared)))
  const pairs = answers.filter(({ status }) => status === 200)
  assert.equal(pairs.length, 11)
  assert.equal(new Set(pairs.map(({ refresh_token }) => refresh_token)).size, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    assert.deepEqual([answer.status, answer.error], [429, 'temporarily_unavailable'])
    assert.ok(Number(answer.retryAfter) >= 1)
  }
  assert.equal((await refresh(shared)).status, 429)
  assert.equal((await house.grace.must('GET', `${house.tokensPath}/${token.id}`)).status, 'active')
  assert.equal((await refresh(pairs[0].refresh_token)).status, 200)
  const { items } = await house.ada.must('GET', `${house.tokensPath}/${token.id}/events`)
  assert.equal(items.filter(({ type }) => type === 'TokenRefreshRetried').length, 10)
})

test('the access tokens of one token are exchanged sixty times a minute', async () => {
  const { access_token } = await house.grace.must('POST', house.tokensPath, newToken)
  const statuses = []
  for (let count = 0; count < 70; ++count) {
    const answer = await server.fetch('/oauth2/token', { method: 'POST', body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', client_id: house.workspace.client_id, subject_token: access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' }) })
    statuses.push(answer.status)
    if (answer.status === 429) assert.ok(Number(answer.headers.get('retry-after')) >= 1)
  }
  assert.ok(statuses.indexOf(429) >= 60)
  assert.equal(statuses[0], 200)
})
