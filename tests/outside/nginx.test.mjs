// Debian's nginx (auth_request) in front of a small API.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Nginx, startApi } from './support/nginx.mjs'
import { Server, furnish, inTheFuture, noClockToMove } from './support/server.mjs'

let server, house, api, nginx

before(async () => {
  server = await Server.start()
  house = await furnish(server)
  const policyPath = `/v1/workspaces/${house.workspace.id}/policy`
  const policy = await house.ada.must('GET', policyPath)
  await house.ada.must('PUT', policyPath, { ...policy, allowed_scopes: ['orders.read', 'tally:tokens.read'] })
  api = await startApi()
  nginx = await Nginx.start(server.url, api.port, `?workspace=${house.workspace.id}`)
})
after(async () => {
  await nginx?.stop()
  await api?.stop()
  await server?.stop()
})

const generate = () => house.grace.must('POST', house.tokensPath, { name: 'through nginx', lifetime_days: 30 })
const bearer = (token) => ({ authorization: `Bearer ${token}` })

test('a live token passes, and the API learns whose it is', async () => {
  const { token, access_token } = await generate()
  const answer = await nginx.ask('/orders?page=2', bearer(access_token))
  assert.equal(answer.status, 200)
  const told = JSON.parse(answer.text)
  assert.deepEqual(told, {
    method: 'GET', path: '/orders?page=2', subject: house.grace.user.id, workspace: house.workspace.id, token: token.id, scope: 'orders.read' })
  assert.equal(answer.headers['tally-refresh-token'], undefined)
})

test('what a caller claims to be does not reach the API', async () => {
  const { access_token } = await generate()
  const answer = await nginx.ask('/', { ...bearer(access_token), 'tally-subject': 'usr_forged', 'tally-scope': 'everything' })
  assert.equal(JSON.parse(answer.text).subject, house.grace.user.id)
  assert.equal(JSON.parse(answer.text).scope, 'orders.read')
})

test('no token, and a dead one, are 401 with a challenge', async () => {
  const none = await nginx.ask('/orders')
  assert.equal(none.status, 401)
  assert.match(none.headers['www-authenticate'], /^Bearer realm="tally"$/)
  const dead = await nginx.ask('/orders', bearer('nonsense'))
  assert.equal(dead.status, 401)
  assert.match(dead.headers['www-authenticate'], /error="invalid_token"/)
})

test('a token of another workspace does not pass', async () => {
  const other = await furnish(server, 'Elsewhere')
  const { access_token } = await other.grace.must('POST', other.tokensPath, { name: 'stray', lifetime_days: 1 })
  assert.equal((await nginx.ask('/orders', bearer(access_token))).status, 401)
})

test('a token disabled with revoke stops at the next request; one merely disabled runs on', async () => {
  const revoked = await generate()
  const kept = await generate()
  assert.equal((await nginx.ask('/', bearer(revoked.access_token))).status, 200)
  await house.grace.must('POST', `${house.tokensPath}/${revoked.token.id}:disable`, { access: 'revoke' })
  await house.grace.must('POST', `${house.tokensPath}/${kept.token.id}:disable`, {})
  assert.equal((await nginx.ask('/', bearer(revoked.access_token))).status, 401)
  assert.equal((await nginx.ask('/', bearer(kept.access_token))).status, 200)
})

test('a refresh token beside no access token passes, and nginx hands the new pair back but not on', async () => {
  const { refresh_token } = await generate()
  const answer = await nginx.ask('/orders', { 'tally-refresh-token': refresh_token })
  assert.equal(answer.status, 200)
  assert.equal(JSON.parse(answer.text).refresh_token, undefined)
  assert.equal(answer.headers['tally-access-token-expires-in'], '3600')
  assert.match(answer.headers['tally-refresh-token'], /^tlr_/)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.equal((await nginx.ask('/orders', bearer(answer.headers['tally-access-token']))).status, 200)
})

test('an expired access token beside a refresh token passes two hours later', { skip: noClockToMove }, async () => {
  const first = await Server.start()
  const { workspace, grace, tokensPath } = await furnish(first)
  const generated = await grace.must('POST', tokensPath, { name: 'sleeper', lifetime_days: 30 })
  const issuer = first.url
  first.ownsFolder = false
  await first.stop()
  const later = await Server.start({ dataFolder: first.dataFolder, args: ['--issuer', issuer], environment: inTheFuture('+2h') })
  later.ownsFolder = true
  const proxy = await Nginx.start(later.url, api.port, `?workspace=${workspace.id}`)
  try {
    const expired = await proxy.ask('/orders', bearer(generated.access_token))
    assert.equal(expired.status, 401)
    const served = await proxy.ask('/orders', { ...bearer(generated.access_token), 'tally-refresh-token': generated.refresh_token })
    assert.equal(served.status, 200)
    assert.equal(JSON.parse(served.text).token, generated.token.id)
    assert.equal((await proxy.ask('/orders', bearer(served.headers['tally-access-token']))).status, 200)
  } finally {
    await proxy.stop()
    await later.stop()
  }
})

test('an API of Tally itself refreshes beside the request, too', async () => {
  const asked = { name: 'reader', lifetime_days: 1, scope: 'tally:tokens.read' }
  const { refresh_token } = await house.ada.must('POST', house.tokensPath, asked)
  const response = await server.fetch(`${house.tokensPath}?limit=1`, { headers: { 'tally-refresh-token': refresh_token } })
  assert.equal(response.status, 200)
  assert.equal((await response.json()).items.length, 1)
  const fresh = response.headers.get('tally-access-token')
  const again = await server.fetch(house.tokensPath, { headers: bearer(fresh) })
  assert.equal(again.status, 200)
})
