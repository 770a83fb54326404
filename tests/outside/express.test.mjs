// npm express-oauth2-jwt-bearer guards an API of Express: it finds the keys by itself and verifies access tokens without asking.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import express from 'express'
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer'
import { Server, furnish, inTheFuture, noClockToMove } from './support/server.mjs'

let server, house, other, api

async function guarded(issuer, jwksUri, audience) {
  const app = express()
  app.use(auth({ issuer, jwksUri, audience, tokenSigningAlg: 'EdDSA', strict: true }))
  app.get('/orders', (request, response) => response.json({ subject: request.auth.payload.sub, workspace: request.auth.payload.client_id }))
  app.get('/admin', requiredScopes('orders.admin'), (_, response) => response.json({}))
  app.use((error, _request, response, _next) => response.status(error.status ?? 500).set(error.headers ?? {}).json({ code: error.code }))
  const listener = app.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    ask: (path, token) => fetch(`http://127.0.0.1:${listener.address().port}${path}`, token ? { headers: { authorization: `Bearer ${token}` } } : {}),
    stop: () => new Promise((done) => { listener.closeAllConnections(); listener.close(done) }),
  }
}

before(async () => {
  server = await Server.start()
  house = await furnish(server)
  other = await furnish(server, 'Elsewhere')
  const policyPath = `/v1/workspaces/${house.workspace.id}/policy`
  const policy = await house.ada.must('GET', policyPath)
  await house.ada.must('PUT', policyPath, { ...policy, allowed_scopes: ['orders.read', 'orders.admin'] })
  api = await guarded(server.url, server.url + '/oauth2/jwks', house.workspace.audience)
})
after(async () => {
  await api?.stop()
  await server?.stop()
})

const generate = (home, more = {}) => home.grace.must('POST', home.tokensPath, { name: 'express', lifetime_days: 30, ...more })

test('a live token of the workspace is accepted, and its claims are there', async () => {
  const { access_token } = await generate(house)
  const answer = await api.ask('/orders', access_token)
  assert.equal(answer.status, 200)
  assert.deepEqual(await answer.json(), { subject: house.grace.user.id, workspace: house.workspace.id })
})

test('no token, a token of another audience and garbage are refused', async () => {
  assert.equal((await api.ask('/orders')).status, 401)
  const { access_token } = await generate(other)
  const wrong = await api.ask('/orders', access_token)
  assert.equal(wrong.status, 401)
  assert.equal((await wrong.json()).code, 'invalid_token')
  assert.equal((await api.ask('/orders', 'nonsense')).status, 401)
})

test('a scope that is not there is refused', async () => {
  const { access_token } = await generate(house, { scope: 'orders.read' })
  assert.equal((await api.ask('/admin', access_token)).status, 403)
})

test('a token of another issuer is refused', async () => {
  const impostor = await Server.start()
  try {
    const { access_token } = await generate(await furnish(impostor))
    assert.equal((await api.ask('/orders', access_token)).status, 401)
    const elsewhere = await guarded('https://issuer.example', server.url + '/oauth2/jwks', house.workspace.audience)
    const { access_token: ours } = await generate(house)
    assert.equal((await elsewhere.ask('/orders', ours)).status, 401)
    await elsewhere.stop()
  } finally {
    await impostor.stop()
  }
})

test('an expired token is refused', { skip: noClockToMove }, async () => {
  // A server whose clock is two hours behind ours signs what has expired by now.
  const slow = await Server.start({ environment: inTheFuture('-2h') })
  const home = await furnish(slow)
  const guard = await guarded(slow.url, slow.url + '/oauth2/jwks', home.workspace.audience)
  try {
    const { access_token } = await generate(home)
    const answer = await guard.ask('/orders', access_token)
    assert.equal(answer.status, 401)
  } finally {
    await guard.stop()
    await slow.stop()
  }
})
