// npm oauth4webapi proves keys (DPoP), asks for resources, exchanges tokens and reads signed introspection answers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { randomUUID } from 'node:crypto'
import * as jose from 'jose'
import * as oauth from 'oauth4webapi'
import { Server, furnish } from './support/server.mjs'

const insecure = { [oauth.allowInsecureRequests]: true }
const ORDERS = 'https://orders.example/api'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const READ = 'tally:tokens.read'
let server, house, authorizationServer, client, orders

before(async () => {
  server = await Server.start()
  house = await furnish(server)
  client = { client_id: house.workspace.client_id }
  const issuer = new URL(server.url)
  authorizationServer = await oauth.processDiscoveryResponse(
    issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }))
  orders = await house.ada.must(
    'POST', `/v1/workspaces/${house.workspace.id}/resource-servers`, { name: 'Orders', resource: ORDERS })
})
after(() => server?.stop())

const generate = (scope = READ) =>
  house.grace.must('POST', house.tokensPath, { name: 'laptop', lifetime_days: 30, scope })
const isRefused = (code) => (error) => error instanceof oauth.ResponseBodyError && error.error === code

/** As the library says: once more with the nonce that the refusal gave. */
async function withNonce(ask) {
  try {
    return await ask()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return ask()
  }
}
const refreshOnce = async (token, DPoP, parameters) =>
  oauth.processRefreshTokenResponse(
    authorizationServer, client,
    await oauth.refreshTokenGrantRequest(authorizationServer, client, oauth.None(), token, {
      ...insecure, DPoP, additionalParameters: parameters,
    }))
const refresh = (token, DPoP, parameters) => withNonce(() => refreshOnce(token, DPoP, parameters))
const exchange = (subject, parameters = {}, DPoP) =>
  withNonce(async () =>
    oauth.processGenericTokenEndpointResponse(
      authorizationServer, client,
      await oauth.genericTokenEndpointRequest(authorizationServer, client, oauth.None(), EXCHANGE,
        { subject_token: subject, subject_token_type: ACCESS_TOKEN, ...parameters }, { ...insecure, DPoP })))
const list = (accessToken, DPoP) =>
  withNonce(() =>
    oauth.protectedResourceRequest(accessToken, 'GET', new URL(house.tokensPath, server.url), undefined, null, {
      ...insecure, DPoP,
    }))
const introspect = async (token, resourceServer = house.resourceServer, options = {}, caller = {}) => {
  const asking = { client_id: resourceServer.id, ...caller }
  const response = await oauth.introspectionRequest(
    authorizationServer, asking, oauth.ClientSecretBasic(resourceServer.secret), token, { ...insecure, ...options })
  return oauth.processIntrospectionResponse(authorizationServer, asking, response)
}
const prover = async (algorithm = 'ES256') => oauth.DPoP(client, await oauth.generateKeyPair(algorithm))

for (const algorithm of ['ES256', 'Ed25519', 'RS256', 'PS256']) {
  test(`dpop: ${algorithm} proofs bind the family and its access tokens`, async () => {
    const DPoP = await prover(algorithm)
    const generated = await generate()
    await assert.rejects(refreshOnce(generated.refresh_token, DPoP), isRefused('use_dpop_nonce'))
    const answer = await refresh(generated.refresh_token, DPoP)
    assert.equal(answer.token_type, 'dpop')
    const jkt = await DPoP.calculateThumbprint()
    assert.equal(jose.decodeJwt(answer.access_token).cnf.jkt, jkt)
    const told = await introspect(answer.access_token)
    assert.deepEqual([told.token_type, told.cnf], ['DPoP', { jkt }])
    assert.equal((await list(answer.access_token, DPoP)).status, 200)
    await assert.rejects(refresh(answer.refresh_token), isRefused('invalid_grant'))
    await assert.rejects(refresh(answer.refresh_token, await prover()), isRefused('invalid_grant'))
    assert.ok((await refresh(answer.refresh_token, DPoP)).access_token)
  })
}

test('dpop: 30 refreshes one after the other need no second try once the nonce is known', async () => {
  const DPoP = await prover()
  let { refresh_token: token } = await refresh((await generate()).refresh_token, DPoP)
  for (let step = 0; step < 30; ++step) token = (await refreshOnce(token, DPoP)).refresh_token
})

test('dpop: a stolen bound access token is worth nothing', async () => {
  const DPoP = await prover()
  const { access_token: token } = await refresh((await generate()).refresh_token, DPoP)
  for (const thief of [undefined, await prover('Ed25519')]) {
    const error = await list(token, thief).then(() => undefined, (refusal) => refusal)
    assert.ok(error instanceof oauth.WWWAuthenticateChallengeError)
    assert.equal(error.status, 401)
    assert.ok(error.cause.some(({ scheme, parameters }) => scheme === 'dpop' && parameters.algs?.includes('ES256')))
    assert.ok(error.cause.some(({ parameters }) => /^invalid_(token|dpop_proof)$/.test(parameters.error ?? '')))
  }
})

test('dpop: a token generated with a proof is bound from the start', async () => {
  const { publicKey, privateKey } = await jose.generateKeyPair('ES256')
  const jwk = await jose.exportJWK(publicKey)
  const send = async (nonce) => {
    const proof = await new jose.SignJWT({ jti: randomUUID(), htm: 'POST', htu: server.url + house.tokensPath, nonce })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk }).setIssuedAt().sign(privateKey)
    return house.grace.request('POST', house.tokensPath, { name: 'bound', lifetime_days: 1 }, { dpop: proof })
  }
  const asked = await send()
  assert.equal(asked.status, 401)
  assert.match(asked.headers.get('www-authenticate'), /use_dpop_nonce/)
  const generated = await send(asked.headers.get('dpop-nonce'))
  assert.equal(generated.status, 201)
  assert.equal(generated.json.token_type, 'DPoP')
  assert.equal(generated.json.token.cnf.jkt, await jose.calculateJwkThumbprint(jwk))
  await assert.rejects(refresh(generated.json.refresh_token), isRefused('invalid_grant'))
})

test('resource: an access token for one API is good there, and nowhere else', async () => {
  const answer = await refresh((await generate()).refresh_token, undefined, { resource: ORDERS })
  const request = new Request(ORDERS, { headers: { authorization: `Bearer ${answer.access_token}` } })
  const claims = await oauth.validateJwtAccessToken(authorizationServer, request, ORDERS, insecure)
  assert.equal(claims.aud, ORDERS)
  await assert.rejects(
    oauth.validateJwtAccessToken(authorizationServer, request, house.workspace.audience, insecure))
  assert.equal((await introspect(answer.access_token, orders)).aud, ORDERS)
  assert.deepEqual(await introspect(answer.access_token), { active: false })
  await assert.rejects(list(answer.access_token), (error) => error.status === 401)
  await assert.rejects(
    refresh(answer.refresh_token, undefined, { resource: 'https://elsewhere.example' }), isRefused('invalid_target'))
})

test('resource metadata: whoever is refused finds the way by it', async () => {
  const refused = await server.fetch(house.tokensPath)
  const url = /^Bearer .*resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate'))[1]
  const resource = new URL(server.url + '/v1')
  const response = await oauth.resourceDiscoveryRequest(resource, insecure)
  assert.equal(response.url, url)
  const metadata = await oauth.processResourceDiscoveryResponse(resource, response)
  assert.deepEqual(metadata.authorization_servers, [server.url])
  assert.ok(authorizationServer.protected_resources.includes(metadata.resource))
  const answer = await refresh((await generate()).refresh_token, undefined, { resource: metadata.resource })
  assert.equal((await list(answer.access_token)).status, 200)
})

test('exchange: a narrower access token, which dies with its parent', async () => {
  const generated = await generate()
  const narrow = await exchange(generated.access_token, { audience: ORDERS, scope: READ })
  assert.equal(narrow.issued_token_type, ACCESS_TOKEN)
  assert.equal(narrow.refresh_token, undefined)
  const parent = jose.decodeJwt(generated.access_token)
  const child = jose.decodeJwt(narrow.access_token)
  assert.deepEqual([child.aud, child.tally_parent, child.tally_token], [ORDERS, parent.jti, parent.tally_token])
  assert.ok(child.exp <= parent.exp)
  assert.equal((await introspect(narrow.access_token, orders)).active, true)
  await assert.rejects(exchange(narrow.access_token), isRefused('invalid_request'))
  await assert.rejects(exchange(generated.access_token, { scope: 'tally:audit.read' }), isRefused('invalid_scope'))
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(authorizationServer, client, oauth.None(), generated.access_token, insecure))
  assert.deepEqual(await introspect(narrow.access_token, orders), { active: false })
  const { items } = await house.ada.must('GET', `${house.tokensPath}/${generated.token.id}/events`)
  assert.deepEqual(items.map(({ type }) => type), ['TokenGenerated', 'AccessExchanged', 'AccessRevoked'])
})

test('exchange: of a bound access token with its key only', async () => {
  const DPoP = await prover()
  const { access_token: token } = await refresh((await generate()).refresh_token, DPoP)
  await assert.rejects(exchange(token), isRefused('invalid_request'))
  await assert.rejects(exchange(token, {}, await prover()), isRefused('invalid_dpop_proof'))
  const narrow = await exchange(token, {}, DPoP)
  assert.equal(narrow.token_type, 'dpop')
  assert.equal((await list(narrow.access_token, DPoP)).status, 200)
})

test('introspection: signed, for the resource server that asks', async () => {
  const generated = await generate()
  const caller = { introspection_signed_response_alg: 'EdDSA' }
  const signed = { requestJwtResponse: true }
  const told = await introspect(generated.access_token, house.resourceServer, signed, caller)
  assert.deepEqual(told, await introspect(generated.access_token))
  assert.deepEqual(await introspect('nonsense', house.resourceServer, signed, caller), { active: false })
  const response = await server.fetch('/oauth2/introspect', {
    method: 'POST',
    headers: {
      accept: 'application/token-introspection+jwt',
      authorization: 'Basic ' + Buffer.from(`${orders.id}:${orders.secret}`).toString('base64'),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token: generated.access_token }),
  })
  const keys = jose.createRemoteJWKSet(new URL(authorizationServer.jwks_uri))
  const { payload } = await jose.jwtVerify(await response.text(), keys, {
    issuer: server.url, audience: orders.id, typ: 'token-introspection+jwt',
  })
  assert.equal(payload.token_introspection.active, true)
})
