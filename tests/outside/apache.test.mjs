// Debian's libapache2-mod-oauth2 guards files: it asks Tally (introspection), or verifies by the keys that Tally publishes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Apache } from './support/apache.mjs'
import { Server, furnish, inTheFuture, noClockToMove } from './support/server.mjs'

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

/** mod_oauth2's library knows no Ed25519: its servers sign with ES256 or RS256. */
const verifying = (at) => ({ verify: `jwks_uri ${at.url}/oauth2/jwks verify.iat.slack_before=86400&expiry=0` })

for (const algorithm of ['ES256', 'RS256']) {
  test(`keys of ${algorithm}: live tokens are served; another audience, another issuer and an expired one are not`, { skip: noClockToMove }, async () => {
    const signing = await Server.start({ args: ['--signing-algorithm', algorithm] })
    const slow = await Server.start({ args: ['--signing-algorithm', algorithm], environment: inTheFuture('-2h') })
    let guard
    try {
      const [home, elsewhere, past] = [await furnish(signing), await furnish(signing, 'Elsewhere'), await furnish(slow)]
      const claims = { aud: home.workspace.audience, iss: signing.url }
      guard = await Apache.start({
        keys: { ...verifying(signing), claims },
        'wrong-issuer': { ...verifying(signing), claims: { ...claims, iss: 'https://issuer.example' } },
        past: { ...verifying(slow), claims: { aud: past.workspace.audience, iss: slow.url } },
      })
      const { access_token } = await generate(home)
      assert.equal((await guard.ask('keys', access_token)).text, 'served')
      assert.equal((await guard.ask('keys', access_token.slice(0, -4) + 'AAAA')).status, 401)
      assert.equal((await guard.ask('keys', (await generate(elsewhere)).access_token)).status, 401)
      assert.equal((await guard.ask('wrong-issuer', access_token)).status, 401)
      // What was signed two hours ago by a slow clock has expired, and is of another server besides.
      const expired = (await generate(past)).access_token
      assert.equal((await guard.ask('past', expired)).status, 401)
      assert.equal((await guard.ask('keys', expired)).status, 401)
    } finally {
      await guard?.stop()
      await slow.stop()
      await signing.stop()
    }
  })
}
