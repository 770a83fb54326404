// npm oauth4webapi, a client library by the author of openid-client, drives the OAuth endpoints.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { Server, furnish } from './support/server.mjs'

const insecure = { [oauth.allowInsecureRequests]: true }
let server, house, authorizationServer, client

before(async () => {
  server = await Server.start()
  house = await furnish(server)
  client = { client_id: house.workspace.client_id }
  const issuer = new URL(server.url)
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  authorizationServer = await oauth.processDiscoveryResponse(issuer, response)
})
after(() => server?.stop())

const generate = (options = {}) => house.grace.must('POST', house.tokensPath, { name: 'laptop', lifetime_days: 30, ...options })
const refresh = async (token, parameters) =>
  oauth.processRefreshTokenResponse(
    authorizationServer,
    client,
    await oauth.refreshTokenGrantRequest(authorizationServer, client, oauth.None(), token, {
      ...insecure,
      additionalParameters: parameters,
    }),
  )
const introspect = async (token, resourceServer = house.resourceServer) => {
  const caller = { client_id: resourceServer.id }
  const response = await oauth.introspectionRequest(
    authorizationServer, caller, oauth.ClientSecretBasic(resourceServer.secret), token, insecure)
  return oauth.processIntrospectionResponse(authorizationServer, caller, response)
}
const revoke = async (token) =>
  oauth.processRevocationResponse(
    await oauth.revocationRequest(authorizationServer, client, oauth.None(), token, insecure))
const isRefused = (code) => (error) => error instanceof oauth.ResponseBodyError && error.error === code

test('discovery: the document says what is served, and its addresses are on the issuer', () => {
  assert.equal(authorizationServer.issuer, server.url)
  assert.deepEqual(authorizationServer.grant_types_supported, [
    'refresh_token', 'urn:ietf:params:oauth:grant-type:token-exchange',
  ])
  for (const name of ['token_endpoint', 'revocation_endpoint', 'introspection_endpoint', 'jwks_uri']) {
    assert.ok(authorizationServer[name].startsWith(server.url + '/'), name)
  }
})

test('refresh: a new pair; the access token validates as a JWT access token of the workspace', async () => {
  const generated = await generate()
  const answer = await refresh(generated.refresh_token)
  assert.notEqual(answer.refresh_token, generated.refresh_token)
  assert.notEqual(answer.access_token, generated.access_token)
  assert.equal(answer.token_type, 'bearer')
  assert.equal(answer.expires_in, 3600)
  const request = new Request('http://api.example/orders', { headers: { authorization: `Bearer ${answer.access_token}` } })
  const claims = await oauth.validateJwtAccessToken(authorizationServer, request, house.workspace.audience, insecure)
  assert.equal(claims.client_id, house.workspace.client_id)
  assert.equal(claims.tally_workspace, house.workspace.id)
  assert.equal(claims.tally_token, generated.token.id)
  assert.equal(claims.sub, house.grace.user.id)
})

test('an access token is not valid for another audience', async () => {
  const generated = await generate()
  const request = new Request('http://api.example/', { headers: { authorization: `Bearer ${generated.access_token}` } })
  await assert.rejects(oauth.validateJwtAccessToken(authorizationServer, request, 'https://another.example', insecure))
})

test('lost answer: the predecessor gives the same successor again, with a fresh access token', async () => {
  const generated = await generate()
  const first = await refresh(generated.refresh_token)
  const again = await refresh(generated.refresh_token)
  assert.equal(again.refresh_token, first.refresh_token)
  assert.notEqual(again.access_token, first.access_token)
  const next = await refresh(first.refresh_token)
  assert.notEqual(next.refresh_token, first.refresh_token)
})

test('reuse: a spent token whose successor was used disables its family, and only that one', async () => {
  const [generated, other] = [await generate(), await generate({ name: 'other' })]
  const first = await refresh(generated.refresh_token)
  const second = await refresh(first.refresh_token)
  await assert.rejects(refresh(generated.refresh_token), isRefused('invalid_grant'))
  await assert.rejects(refresh(second.refresh_token), isRefused('invalid_grant'))
  assert.ok((await refresh(other.refresh_token)).refresh_token)
  const token = await house.grace.must('GET', `${house.tokensPath}/${generated.token.id}`)
  assert.equal(token.status, 'disabled')
})

test('200 parallel refreshes with one token all answer the same new refresh token, eleven times, or tell to wait', async () => {
  const generated = await generate()
  const all = await Promise.allSettled(Array.from({ length: 200 }, () => refresh(generated.refresh_token)))
  const answers = all.filter(({ status }) => status === 'fulfilled').map(({ value }) => value)
  assert.equal(answers.length, 11)
  assert.equal(new Set(answers.map((answer) => answer.refresh_token)).size, 1)
  assert.equal(new Set(answers.map((answer) => answer.access_token)).size, 11)
  for (const { reason } of all.filter(({ status }) => status === 'rejected')) assert.deepEqual([reason.status, reason.error], [429, 'temporarily_unavailable'])
  assert.ok((await refresh(answers[0].refresh_token)).access_token)
})

test('scope: a refresh may narrow, and never widen', async () => {
  const generated = await generate({ scope: 'tally:tokens.read tally:tokens.write' })
  const narrow = await refresh(generated.refresh_token, { scope: 'tally:tokens.read' })
  assert.equal(narrow.scope, 'tally:tokens.read')
  const wide = await refresh(narrow.refresh_token)
  assert.deepEqual(wide.scope.split(' ').sort(), ['tally:tokens.read', 'tally:tokens.write'])
  await assert.rejects(refresh(wide.refresh_token, { scope: 'tally:audit.read' }), isRefused('invalid_scope'))
})

test('introspection: live, dead, unknown and foreign', async () => {
  const generated = await generate()
  const live = await introspect(generated.access_token)
  assert.equal(live.active, true)
  assert.equal(live.tally_token, generated.token.id)
  assert.equal(live.iss, server.url)
  assert.equal(live.username, house.grace.user.username)
  const elsewhere = await furnish(server, 'Elsewhere')
  assert.deepEqual(await introspect(generated.access_token, elsewhere.resourceServer), { active: false })
  assert.deepEqual(await introspect('nonsense'), { active: false })
})

test('introspection: a wrong secret is refused', async () => {
  const wrong = { ...house.resourceServer, secret: (await furnish(server, 'Third')).resourceServer.secret }
  await assert.rejects(introspect('anything', wrong))
})

test('disable: the refresh token stops at once, the access token runs on; with revoke it is dead at once', async () => {
  const generated = await generate()
  await house.grace.must('POST', `${house.tokensPath}/${generated.token.id}:disable`, { reason: 'left on a train' })
  await assert.rejects(refresh(generated.refresh_token), isRefused('invalid_grant'))
  assert.equal((await introspect(generated.access_token)).active, true)
  await house.ada.must('POST', `${house.tokensPath}/${generated.token.id}:disable`, { access: 'revoke' })
  assert.deepEqual(await introspect(generated.access_token), { active: false })
})

test('delete: as disable, and the token leaves the list', async () => {
  const generated = await generate({ name: 'to delete' })
  assert.equal((await house.grace.request('DELETE', `${house.tokensPath}/${generated.token.id}`)).status, 204)
  await assert.rejects(refresh(generated.refresh_token), isRefused('invalid_grant'))
  const { items } = await house.grace.must('GET', `${house.tokensPath}?q=to%20delete`)
  assert.deepEqual(items, [])
})

test('revocation: of a refresh token kills the family, of an access token that one, of garbage is 200', async () => {
  const [family, single] = [await generate(), await generate()]
  await revoke(family.refresh_token)
  await assert.rejects(refresh(family.refresh_token), isRefused('invalid_grant'))
  assert.deepEqual(await introspect(family.access_token), { active: false })
  const next = await refresh(single.refresh_token)
  await revoke(single.access_token)
  assert.deepEqual(await introspect(single.access_token), { active: false })
  assert.equal((await introspect(next.access_token)).active, true)
  await revoke('garbage')
})

test('a workspace’s token is worth nothing with another workspace’s client id', async () => {
  const generated = await generate()
  const elsewhere = await furnish(server, 'Fourth')
  const request = oauth.refreshTokenGrantRequest(
    authorizationServer, { client_id: elsewhere.workspace.client_id }, oauth.None(), generated.refresh_token, insecure)
  await assert.rejects(
    oauth.processRefreshTokenResponse(authorizationServer, client, await request), isRefused('invalid_grant'))
  assert.ok((await refresh(generated.refresh_token)).access_token)
})
