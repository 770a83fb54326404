// Client libraries as people use them: by their defaults, and with nothing but the server's address and the workspace's id.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AuthorizationCode } from 'simple-oauth2'
import { Server, furnish } from './support/server.mjs'

const openid = await import('openid-client') // after server.mjs: it needs Web Crypto under its global name

let server, house

before(async () => {
  server = await Server.start()
  house = await furnish(server)
})
after(() => server?.stop())

const generate = () => house.grace.must('POST', house.tokensPath, { name: 'a client', lifetime_days: 30 })
const isActive = async (token) => {
  const { id, secret } = house.resourceServer
  const answer = await fetch(`${server.url}/oauth2/introspect`, {
    method: 'POST', body: new URLSearchParams({ token }),
    headers: { authorization: 'Basic ' + Buffer.from(`${id}:${secret}`).toString('base64') } })
  return (await answer.json()).active
}

for (const algorithm of ['oidc', 'oauth2']) {
  test(`openid-client: discovery (${algorithm}), refresh, revocation`, async () => {
    const { access_token, refresh_token } = await generate()
    const configuration = await openid.discovery(new URL(server.url), house.workspace.id, undefined, openid.None(),
      { algorithm, execute: [openid.allowInsecureRequests] })
    const refreshed = await openid.refreshTokenGrant(configuration, refresh_token)
    assert.equal(refreshed.token_type, 'bearer')
    assert.equal(refreshed.refresh_token_timeout, refreshed.refresh_token_expires_in)
    assert.equal(refreshed.authorization_expires_in, refreshed.refresh_token_expires_in)
    assert.ok(await isActive(refreshed.access_token))
    await openid.tokenRevocation(configuration, refreshed.refresh_token)
    assert.equal(await isActive(refreshed.access_token), false)
    assert.equal(await isActive(access_token), false)
    await assert.rejects(openid.refreshTokenGrant(configuration, refreshed.refresh_token), (error) => error.error === 'invalid_grant')
  })
}

for (const authorizationMethod of ['header', 'body']) {
  test(`simple-oauth2: client id in the ${authorizationMethod}, refresh, revokeAll`, async () => {
    const { access_token, refresh_token, expires_in } = await generate()
    const client = new AuthorizationCode({
      client: { id: house.workspace.id, secret: '' },
      auth: { tokenHost: server.url, tokenPath: '/oauth2/token', revokePath: '/oauth2/revoke' },
      options: { authorizationMethod },
    })
    const token = client.createToken({ access_token, refresh_token, expires_in })
    const refreshed = await token.refresh()
    assert.ok(await isActive(refreshed.token.access_token))
    await refreshed.revokeAll()
    assert.equal(await isActive(refreshed.token.access_token), false)
  })
}

test('an access token in the place of the refresh token is told what it is', async () => {
  const { access_token } = await generate()
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: house.workspace.id, refresh_token: access_token })
  const answer = await server.fetch('/oauth2/token', { method: 'POST', body })
  assert.equal(answer.status, 400)
  assert.deepEqual(await answer.json(), { error: 'invalid_grant', error_description: 'that is an access token; the refresh token begins with tlr_' })
})

test('every mistake of a body is told at once', async () => {
  const operator = await server.operator()
  const asked = { username: '-', display_name: ' ', email: 'nobody', password: 'short', is_admin: true, colour: 'red' }
  const answer = await operator.request('POST', '/v1/users', asked)
  assert.equal(answer.status, 400)
  assert.deepEqual(answer.json.errors.map((error) => error.field).sort(), ['colour', 'display_name', 'email', 'is_admin', 'password', 'username'])
  const token = await house.ada.request('POST', house.tokensPath, { name: '', lifetime_days: 0, scope: 'a  b', extra: 1 })
  assert.deepEqual(token.json.errors.map((error) => error.field).sort(), ['extra', 'lifetime_days', 'name', 'scope'])
  const servers = `/v1/workspaces/${house.workspace.id}/resource-servers`
  const resource = await house.ada.request('POST', servers, { name: '\u0007', resource: 'orders', extra: 1 })
  assert.deepEqual(resource.json.errors.map((error) => error.field).sort(), ['extra', 'name', 'resource'])
})

/** Behind a proxy that serves it below a path. */
test('an issuer with a path, a capital host and its scheme’s own port: what is the same is taken for the same', async () => {
  const issuer = 'https://X.Example:443/tally'
  const below = await Server.start({ args: ['--behind-proxy', '--issuer', issuer] })
  try {
    below.origin = 'https://x.example'
    const home = await furnish(below)
    const made = await home.ada.request('POST', home.tokensPath, { name: 'below', lifetime_days: 1 })
    assert.equal(made.headers.get('location'), `/tally${home.tokensPath}/${made.json.token.id}`)
    const root = await fetch(below.url + '/', { redirect: 'manual' })
    assert.ok(root.status === 404 || root.headers.get('location') === '/tally/app') // 404: built without the pages
    const metadata = await (await fetch(below.url + '/.well-known/oauth-authorization-server/tally')).json()
    assert.equal(metadata.issuer, issuer) // as it was given: RFC 8414 compares texts
    const stranger = await home.ada.request('POST', home.tokensPath, { name: 'x', lifetime_days: 1 }, { origin: 'https://y.example' })
    assert.equal(stranger.status, 403)
    assert.match(stranger.json.detail, /own origin, https:\/\/x\.example$/)
    const body = (refresh_token, resource) => new URLSearchParams({ grant_type: 'refresh_token', client_id: home.workspace.id, refresh_token, resource })
    const asked = await below.fetch('/oauth2/token', { method: 'POST', body: body(made.json.refresh_token, 'https://x.example/tally/v1') })
    assert.equal(asked.status, 200)
    const taken = await home.ada.request('POST', `/v1/workspaces/${home.workspace.id}/resource-servers`, { name: 'x', resource: 'https://x.example/tally/w/x' })
    assert.equal(taken.status, 400)
  } finally {
    await below.stop()
  }
})
