// Debian's nginx, Caddy, HAProxy and Apache in front of an API, configured by the text of docs/gateways.md; and the requests that Traefik and Envoy
// are documented to send.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Gateway, documented, startEcho, startStub } from './support/gateways.mjs'
import { Server, furnish } from './support/server.mjs'

const issuer = 'https://tally.example'
const client = '127.0.0.2' // whom the gateways, at 127.0.0.1, shall name

let server, house, api

before(async () => {
  server = await Server.start({ args: ['--behind-proxy', '--trusted-proxies', '127.0.0.1', '--issuer', issuer] })
  server.origin = issuer
  house = await furnish(server)
  const policyPath = `/v1/workspaces/${house.workspace.id}/policy`
  const policy = await house.ada.must('GET', policyPath)
  await house.ada.must('PUT', policyPath, { ...policy, allowed_scopes: ['orders.read'], refresh_retry_seconds: 0 })
  api = await startEcho()
})
after(async () => {
  await api?.stop()
  await server?.stop()
})

const generate = () => house.grace.must('POST', house.tokensPath, { name: 'through a gateway', lifetime_days: 30 })
const bearer = (token) => ({ authorization: `Bearer ${token}` })
const forged = {
  'tally-subject': 'usr_forged', 'tally-workspace': 'ws_forged', 'tally-token': 'tok_forged', 'tally-scope': 'everything',
  'tally-access-token': 'forged', 'tally-access-token-expires-in': '1', 'tally-sequence': '1',
  'tally-export': 'forged', 'TALLY-SUBJECT': 'usr_forged', tally_subject: 'usr_forged', tally_workspace: 'ws_forged', tally_token: 'tok_forged',
  tally_scope: 'everything', tally_refresh_token: 'forged', tally_access_token: 'forged', tally_access_token_expires_in: '1', tally_sequence: '1',
  tally_export: 'forged', 'tally.subject': 'usr_forged', 'tally.workspace': 'ws_forged', 'tally.token': 'tok_forged', 'tally.scope': 'everything',
  'x-forwarded-for': '6.6.6.6', 'x-request-id': 'forged',
}
const nobodysScope = { 'tally-subject': 'usr_1', 'tally-workspace': 'ws_1', 'tally-token': 'tok_1', 'tally-scope': '' }
/** What Tally itself sets beside who it is: nothing that an API may get from a caller. */
const besides = ['tally-refresh-token', 'tally-access-token', 'tally-access-token-expires-in', 'tally-sequence', 'tally-export']
/** Names that some frameworks take for the same as those. */
const underscored = [...Object.keys(nobodysScope), ...besides].map((name) => name.replaceAll('-', '_'))
const dotted = Object.keys(nobodysScope).map((name) => name.replace('-', '.'))
const aliases = [...underscored, ...dotted]
const preflight = { origin: 'https://app.example', 'access-control-request-method': 'GET' }

/** What reached the API, its fields by name. */
function told(answer) {
  const { fields, ...rest } = JSON.parse(answer.text)
  const byName = {}
  for (const [name, value] of fields) byName[name] = name in byName ? [byName[name], value].flat() : value
  return { ...rest, fields: byName, names: fields.map(([name]) => name) }
}
const identity = (name) => /^tally[-_.]/.test(name)

/** Those that hold of every gateway that is given `gateway()`. */
function everyGateway(gateway) {
  test('a live token passes, and the API learns whose it is, once', async () => {
    const { token, access_token } = await generate()
    const answer = await gateway().ask('/orders?page=2&limit=10', bearer(access_token))
    assert.equal(answer.status, 200)
    const { method, path, fields, names } = told(answer)
    assert.deepEqual([method, path], ['GET', '/orders?page=2&limit=10'])
    assert.deepEqual(names.filter(identity).sort(), ['tally-scope', 'tally-subject', 'tally-token', 'tally-workspace'])
    assert.equal(fields['tally-subject'], house.grace.user.id)
    assert.equal(fields['tally-workspace'], house.workspace.id)
    assert.equal(fields['tally-token'], token.id)
    assert.equal(fields['tally-scope'], 'orders.read')
  })

  test('what the caller says of themselves, of their address and their request reaches nobody', async () => {
    const { token, access_token } = await generate()
    const answer = await gateway().ask('/orders', { ...bearer(access_token), ...forged }, { from: client })
    assert.equal(answer.status, 200)
    const { fields, names } = told(answer)
    assert.deepEqual(names.filter(identity).sort(), ['tally-scope', 'tally-subject', 'tally-token', 'tally-workspace'])
    assert.equal(fields['tally-subject'], house.grace.user.id)
    assert.equal(fields['tally-token'], token.id)
    assert.equal(fields['x-forwarded-for'], client)
    assert.match(fields['x-request-id'], /^[\x21-\x7e]{8,64}$/)
    assert.notEqual(fields['x-request-id'], 'forged')
  })

  test('no token, a dead one and one of another workspace are 401 with a challenge', async () => {
    const elsewhere = await furnish(server, 'Elsewhere')
    const stray = await elsewhere.grace.must('POST', elsewhere.tokensPath, { name: 'stray', lifetime_days: 1 })
    for (const headers of [{}, bearer('nonsense'), bearer(stray.access_token)]) {
      const answer = await gateway().ask('/orders', headers)
      assert.equal(answer.status, 401)
      assert.match(answer.headers['www-authenticate'], /^Bearer/)
    }
  })

  test('a preflight reaches the API without anybody’s name; any other OPTIONS needs a token', async () => {
    const answer = await gateway().ask('/orders', { ...preflight, ...forged }, { method: 'OPTIONS' })
    assert.equal(answer.status, 200)
    assert.equal(told(answer).method, 'OPTIONS')
    assert.deepEqual(told(answer).names.filter(identity), [])
    assert.equal((await gateway().ask('/orders', { origin: 'https://app.example' }, { method: 'OPTIONS' })).status, 401)
    assert.equal((await gateway().ask('/orders', preflight)).status, 401)
  })
}

/** Of those that refresh: what the pair becomes, and what stands in the event. */
function refreshingGateway(gateway) {
  test('a refresh token beside no access token passes, and the pair goes to the client and not to the API', async () => {
    const { token, refresh_token } = await generate()
    const answer = await gateway().ask('/orders', { 'tally-refresh-token': refresh_token, ...forged }, { from: client })
    assert.equal(answer.status, 200)
    assert.deepEqual(told(answer).names.filter(identity).sort(), ['tally-scope', 'tally-subject', 'tally-token', 'tally-workspace'])
    assert.equal(answer.headers['tally-access-token-expires-in'], '3600')
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.equal((await gateway().ask('/orders', bearer(answer.headers['tally-access-token']))).status, 200)
    // Without a window for lost answers: had the pair been lost, this would end the family.
    const next = await gateway().ask('/orders', { 'tally-refresh-token': answer.headers['tally-refresh-token'] })
    assert.equal(next.status, 200)
    const events = (await house.ada.must('GET', `${house.tokensPath}/${token.id}/events`)).items
    const refreshed = events.filter((event) => event.type === 'TokenRefreshed')
    assert.equal(refreshed.length, 2)
    assert.equal(refreshed[0].source_ip, client)
    assert.equal(refreshed[0].request_id, told(answer).fields['x-request-id'])
  })

  test('a refresh token that is not good is 401', async () => {
    const answer = await gateway().ask('/orders', { 'tally-refresh-token': 'tlr_nonsense' })
    assert.equal(answer.status, 401)
    assert.equal(answer.headers['tally-refresh-token'], undefined)
  })
}

/** What the answers of Tally become, by a Tally that answers what it is told to. */
function answers(kind, { down }) {
  describe('answers', () => {
    let tally, gateway, next, seen
    before(async () => {
      tally = await startStub((request, response) => {
        seen.push(request)
        response.writeHead(next.status, next.headers)
        response.end()
      })
      gateway = await Gateway.start(kind, { tally: tally.url, api: api.url, query: '?workspace=ws_x&refresh=yes' })
    })
    after(async () => {
      await gateway?.stop()
      await tally?.stop()
    })
    const ask = (status, headers = {}, sent = {}) => {
      seen = []
      next = { status, headers }
      return gateway.ask('/orders?x=1', sent)
    }

    test('401 and 403 are the same, with what goes with them', async () => {
      const refused = await ask(401, { 'www-authenticate': 'Bearer realm="tally", error="invalid_token"', 'dpop-nonce': 'n' })
      assert.equal(refused.status, 401)
      assert.equal(refused.headers['www-authenticate'], 'Bearer realm="tally", error="invalid_token"')
      assert.equal(refused.headers['dpop-nonce'], 'n')
      assert.equal((await ask(403)).status, 403)
    })

    test('429 and 503 are the same, with Retry-After', async () => {
      for (const status of [429, 503]) {
        const answer = await ask(status, { 'retry-after': '17' })
        assert.equal(answer.status, status)
        assert.equal(answer.headers['retry-after'], '17')
      }
    })

    test('a pair that comes with a refusal is handed on, too', async () => {
      const pair = { 'tally-access-token': 'a', 'tally-access-token-expires-in': '5', 'tally-refresh-token': 'r' }
      for (const status of [403, 429, 503]) {
        const answer = await ask(status, pair)
        assert.equal(answer.status, status)
        assert.equal(answer.headers['tally-access-token'], 'a')
        assert.equal(answer.headers['tally-refresh-token'], 'r')
      }
    })

    test('no scope at all leaves the caller’s own behind', async () => {
      const { fields, names } = told(await ask(200, nobodysScope, forged))
      assert.deepEqual(names.filter(identity).filter((name) => fields[name] !== '').sort(), ['tally-subject', 'tally-token', 'tally-workspace'])
      assert.equal(fields['tally-subject'], 'usr_1')
    })

    test('the question names the request, whatever the caller says, and has no cookie and no body', async () => {
      const said = { 'x-forwarded-method': 'PUT', 'x-forwarded-proto': 'ftp', 'x-forwarded-host': 'evil.example', 'x-forwarded-uri': '/evil',
        cookie: 'a=' + 'b'.repeat(4000), dpop: 'proof', host: 'orders.example', traceparent: 'kept' }
      assert.equal((await ask(200, nobodysScope, { ...said, ...forged })).status, 200)
      assert.equal(seen.length, 1)
      const { headers, url } = seen[0]
      assert.equal(url, '/forward-auth?workspace=ws_x&refresh=yes')
      assert.equal(headers['x-forwarded-method'], 'GET')
      assert.equal(headers['x-forwarded-proto'], 'http')
      assert.equal(headers['x-forwarded-host'], 'orders.example')
      assert.equal(headers['x-forwarded-uri'], '/orders?x=1')
      assert.equal(headers['x-forwarded-for'], '127.0.0.1')
      assert.notEqual(headers['x-request-id'], 'forged')
      assert.equal(headers.dpop, 'proof')
      assert.equal(headers.traceparent, 'kept')
      assert.equal(headers.cookie, undefined)
    })

    test('Tally is down', async () => {
      await tally.stop()
      assert.equal((await gateway.ask('/orders')).status, down)
    })
  })
}

for (const [kind, down] of [['nginx', 503], ['caddy', 502], ['haproxy', 503]]) {
  describe(kind, () => {
    let gateway
    before(async () => {
      gateway = await Gateway.start(kind, { tally: server.url, api: api.url, query: `?workspace=${house.workspace.id}&refresh=yes` })
    })
    after(() => gateway?.stop())
    everyGateway(() => gateway)
    refreshingGateway(() => gateway)
    answers(kind, { down })
  })
}

describe('apache', () => {
  let gateway
  before(async () => {
    gateway = await Gateway.start('apache', {
      tally: server.url, api: api.url, workspace: house.workspace.id, resourceServer: house.resourceServer })
  })
  after(() => gateway?.stop())
  everyGateway(() => gateway)

  test('a refresh token beside no access token is not spent', async () => {
    const { token, refresh_token } = await generate()
    assert.equal((await gateway.ask('/orders', { 'tally-refresh-token': refresh_token })).status, 401)
    assert.equal((await house.grace.must('GET', `${house.tokensPath}/${token.id}`)).refresh_count, 0)
  })

  test('429, 503 and a Tally that is down are 401', async () => {
    let status = 429
    const tally = await startStub((request, response) => { response.statusCode = status; response.end('{}') })
    const asking = await Gateway.start('apache', {
      tally: tally.url, api: api.url, workspace: house.workspace.id, resourceServer: house.resourceServer })
    try {
      for (status of [429, 503]) assert.equal((await asking.ask('/orders', bearer('x'))).status, 401)
      await tally.stop()
      assert.equal((await asking.ask('/orders', bearer('x'))).status, 401)
    } finally {
      await asking.stop()
    }
  })
})

/** As it would arrive at Tally from the gateway, which has replaced what the caller says. */
const asked = (path, headers = {}) => fetch(server.url + path, { headers: { 'x-forwarded-for': client, ...headers } })

describe('traefik, by its manual', () => {
  const address = /address: "http:\/\/127\.0\.0\.1:8080(.*)"/.exec(documented('Traefik', 'traefik.yml'))[1]
  const url = () => address.replace('ws_01kb…', house.workspace.id)
  const about = { 'x-forwarded-method': 'GET', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'orders.example', 'x-forwarded-uri': '/orders?a=1&b=2' }

  test('what Tally sets is cleared by its name, of a preflight too', () => {
    const [guarded, preflights] = documented('Traefik', 'traefik.yml').toLowerCase().split('nobody:\n')
    for (const name of besides) assert.ok(guarded.includes(`${name}: ""`) && preflights.includes(`${name}: ""`), name)
    for (const name of Object.keys(nobodysScope)) assert.ok(guarded.includes(name) && preflights.includes(`${name}: ""`), name)
    // forwardAuth replaces them by the name with hyphens only.
    for (const name of aliases) assert.ok(guarded.includes(`${name}: ""`) && preflights.includes(`${name}: ""`), name)
  })

  test('a live token passes; a refresh token is left alone', async () => {
    const { token, access_token, refresh_token } = await generate()
    assert.equal((await asked(url(), { ...about, ...bearer(access_token) })).status, 200)
    const beside = await asked(url(), { ...about, 'tally-refresh-token': refresh_token })
    assert.equal(beside.status, 401)
    assert.equal(beside.headers.get('tally-refresh-token'), null)
    assert.equal((await house.grace.must('GET', `${house.tokensPath}/${token.id}`)).refresh_count, 0)
  })
})

describe('envoy, by its manual', () => {
  const prefix = /path_prefix: "(.*)"/.exec(documented('Envoy', 'envoy-filter.yml'))[1]
  const url = (path) => prefix.replace('ws_01kb…', house.workspace.id) + path

  test('what Tally sets is cleared by its name, of a preflight too', () => {
    const removed = [...documented('Envoy', 'envoy-route.yml').matchAll(/request_headers_to_remove: \[(.*)\]/g)].map(([, names]) => names.split(', '))
    assert.equal(removed.length, 2)
    assert.deepEqual([...removed[0]].sort(), [...Object.keys(nobodysScope), ...besides, ...dotted].sort())
    assert.deepEqual([...removed[1]].sort(), [...besides, ...dotted].sort())
  })

  test('no name with an underscore comes in', () => {
    const protocol = /^common_http_protocol_options:\n((?: +.*\n)+)/m.exec(documented('Envoy', 'envoy-manager.yml'))[1]
    assert.equal(protocol.trim(), 'headers_with_underscores_action: DROP_HEADER')
  })

  test('the caller’s own query is no parameter, whatever it says', async () => {
    const { token, access_token, refresh_token } = await generate()
    for (const path of ['/orders', '/orders?a=1&b=2', '/orders?a=%zz', '/orders?name=%ff', '/orders?workspace=ws_x&workspace=ws_y&scope=none&refresh=maybe']) {
      assert.equal((await asked(url(path), bearer(access_token))).status, 200, path)
      assert.equal((await asked(url(path + '&refresh=yes'), { 'tally-refresh-token': refresh_token })).status, 401, path)
    }
    assert.equal((await house.grace.must('GET', `${house.tokensPath}/${token.id}`)).refresh_count, 0)
  })

  test('nobody names the API whose token they have', async () => {
    const resource = 'https://else.example/api'
    await house.ada.must('POST', `/v1/workspaces/${house.workspace.id}/resource-servers`, { name: 'Else', resource })
    const { refresh_token } = await generate()
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: house.workspace.id, refresh_token, resource })
    const { access_token } = await (await server.fetch('/oauth2/token', { method: 'POST', body: form })).json()
    for (const path of ['/orders', `/orders?id=1&resource=${resource}`, `/orders&resource=${resource}`]) {
      assert.equal((await asked(url(path), bearer(access_token))).status, 401, path)
    }
    const guarded = url('').replace('&path=', `&resource=${resource}&path=`)
    assert.equal((await asked(guarded + '/orders?x=1&y=2', bearer(access_token))).status, 200)
  })
})
