// Debian's libapache2-mod-oauth2 guards files: it asks Tally (introspection), or verifies by the keys that Tally publishes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Apache } from './support/apache.mjs'
import { Server, furnish } from './support/server.mjs'

let server, house, other, apache

/** Apache keeps what it has verified for five minutes unless told not to: a revocation would show as late. */
const introspecting = (home, at = server) => ({
  verify: `introspect ${at.url}/oauth2/introspect introspect.auth=client_secret_basic&client_id=${home.resourceServer.id}` +
    `&client_secret=${home.resourceServer.secret}&expiry=0`,
})

before(async () => {
  server = await Server.start()
  house = await furnish(server)
  other = await furnish(server, 'Elsewhere')
  const claims = { aud: house.workspace.audience, iss: server.url }
  apache = await Apache.start({
    asking: { ...introspecting(house), claims },
    'wrong-audience': { ...introspecting(house), claims: { ...claims, aud: other.workspace.audience } },
    'wrong-issuer': { ...introspecting(house), claims: { ...claims, iss: 'https://issuer.example' } },
  })
})
after(async () => {
  await apache?.stop()
  await server?.stop()
})

const generate = (home) => home.grace.must('POST', home.tokensPath, { name: 'apache', lifetime_days: 30 })

test('introspection: a live token is served', async () => {
  const { access_token } = await generate(house)
  const answer = await apache.ask('asking', access_token)
  assert.equal(answer.status, 200)
  assert.equal(answer.text, 'served')
})

test('introspection: no token, garbage, and a token of another workspace are refused', async () => {
  assert.equal((await apache.ask('asking')).status, 401)
  assert.equal((await apache.ask('asking', 'nonsense')).status, 401)
  const { access_token } = await generate(other)
  assert.equal((await apache.ask('asking', access_token)).status, 401)
})

test('introspection: another audience or issuer than the guard asks for is refused', async () => {
  const { access_token } = await generate(house)
  assert.equal((await apache.ask('wrong-audience', access_token)).status, 401)
  assert.equal((await apache.ask('wrong-issuer', access_token)).status, 401)
})

test('introspection: a revoked token stops at the next request', async () => {
  const { token, access_token } = await generate(house)
  assert.equal((await apache.ask('asking', access_token)).status, 200)
  await house.grace.must('POST', `${house.tokensPath}/${token.id}:disable`, { access: 'revoke' })
  assert.equal((await apache.ask('asking', access_token)).status, 401)
})
