// Makes tests/golden/storage-1: a data folder with an event of every type, and what its clients knew of it. Run once, with the last
// release that wrote storage version 1; kept because it says what is in there:
//   TALLYD=PATH-OF-THAT-RELEASE/tallyd node tests/golden/make_storage_1.mjs NEW-FOLDER
import { createHash, randomUUID, webcrypto } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OPERATOR_PASSWORD, PERSON_PASSWORD, Server, furnish } from '../outside/support/server.mjs'

const ISSUER = 'https://tally.example'
const ARGUMENTS = ['--issuer', ISSUER]
const ORDERS = 'https://orders.example/api'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

const target = process.argv[2]
if (!target) throw new Error('name the folder to make')
const dataFolder = join(target, 'data')
await mkdir(dataFolder, { recursive: true })

let server = await start()
const house = await furnish(server, 'Orders')
const { operator, ada, grace, edith, workspace, resourceServer } = house
const sessions = [operator, ada, grace, edith]
const path = `/v1/workspaces/${workspace.id}`

async function start() {
  const started = await Server.start({ dataFolder, args: ARGUMENTS })
  started.origin = ISSUER
  return started
}
async function restart() {
  await server.stop()
  server = await start()
  for (const session of sessions) session.server = server
}

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

async function ask(endpoint, parameters, headers = {}) {
  const response = await server.fetch(endpoint, {
    method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ client_id: workspace.client_id, ...parameters }) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text ? JSON.parse(text) : undefined }
}
async function must(endpoint, parameters, headers) {
  const answer = await ask(endpoint, parameters, headers)
  if (answer.status !== 200) throw new Error(`${endpoint}: ${answer.status} ${JSON.stringify(answer.json)}`)
  return answer.json
}
const refresh = (refreshToken, headers) => must('/oauth2/token', { grant_type: 'refresh_token', refresh_token: refreshToken }, headers)
const generate = (name, session = grace, more = {}) => session.must('POST', `${path}/tokens`, { name, lifetime_days: 90, ...more })
const changePolicy = async (change) => ada.must('PUT', `${path}/policy`, { ...(await ada.must('GET', `${path}/policy`)), ...change })

/** A refresh that binds the token to a new key (DPoP, RFC 9449). */
async function bind(refreshToken) {
  const key = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', key.publicKey)
  const proof = async (nonce) => {
    const text = base64url({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }) + '.' +
      base64url({ htm: 'POST', htu: `${ISSUER}/oauth2/token`, jti: randomUUID(), iat: Math.floor(Date.now() / 1000), nonce })
    const signature = await webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, Buffer.from(text))
    return `${text}.${Buffer.from(signature).toString('base64url')}`
  }
  const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken }
  const refused = await ask('/oauth2/token', parameters, { dpop: await proof() })
  return must('/oauth2/token', parameters, { dpop: await proof(refused.headers.get('dpop-nonce')) })
}

async function importLegacy() {
  const lines = [1, 2].map((number) => JSON.stringify({
    hash: createHash('sha256').update(`legacy-${number}`).digest('hex'), owner: grace.user.id, description: `cron ${number}`,
    created: '2019-04-01T12:00:00Z' }))
  const response = await server.fetch(`${path}/legacy-tokens:import`, {
    method: 'POST', headers: { origin: ISSUER, cookie: ada.cookie, 'content-type': 'application/x-ndjson' }, body: lines.join('\n') + '\n' })
  if (response.status !== 200) throw new Error(`import: ${response.status} ${await response.text()}`)
}

/** Whoever is told a refresh token twice too often is taken for a thief. */
async function steal() {
  const stolen = await generate('stolen')
  const first = await refresh(stolen.refresh_token)
  await refresh(first.refresh_token)
  const refused = await ask('/oauth2/token', { grant_type: 'refresh_token', refresh_token: stolen.refresh_token })
  if (refused.status !== 400) throw new Error(`reuse: ${refused.status}`)
}

async function stopTokens() {
  const disabled = await generate('disabled')
  await grace.must('POST', `${path}/tokens/${disabled.token.id}:disable`, { reason: 'lost laptop', access: 'revoke' })
  const deleted = await generate('deleted')
  await ada.must('POST', `${path}/tokens:batchDelete`, { ids: [deleted.token.id] })
  const revoked = await generate('one access token revoked')
  await ask('/oauth2/revoke', { token: revoked.access_token })
  const ended = await generate('ended by its client')
  await ask('/oauth2/revoke', { token: ended.refresh_token })
  // Everything before this moment in a workspace of its own.
  const other = await operator.must('POST', '/v1/workspaces', { name: 'Cut off' })
  await operator.must('PUT', `/v1/workspaces/${other.id}/members/${ada.user.id}`, { role: 'admin' })
  await ada.must('POST', `/v1/workspaces/${other.id}/tokens`, { name: 'before the cut-off', lifetime_days: 30 })
  const time = new Date().toISOString()
  await ada.must('POST', `/v1/workspaces/${other.id}/tokens:disableIssuedBefore`, { time, access: 'revoke' })
}

async function movePeople() {
  const add = (username) => operator.must('POST', '/v1/users', { username, display_name: username, password: PERSON_PASSWORD })
  const leaver = await add('leaver')
  await operator.must('PUT', `${path}/members/${leaver.id}`, { role: 'member' })
  const session = await server.signIn('leaver', PERSON_PASSWORD)
  await session.must('POST', `/v1/users/${leaver.id}:setPassword`, { password: 'another-long-password', current_password: PERSON_PASSWORD })
  await generate('of who has left', await server.signIn('leaver', 'another-long-password'))
  await operator.must('POST', `/v1/users/${leaver.id}:deactivate`)
  const mover = await add('mover')
  await operator.must('PUT', `${path}/members/${mover.id}`, { role: 'auditor' })
  await operator.must('PUT', `${path}/members/${mover.id}`, { role: 'member' })
  await operator.must('DELETE', `${path}/members/${mover.id}`)
  const failed = await new grace.constructor(server).request('POST', '/v1/session', { username: 'mover', password: 'not the password' })
  if (failed.status !== 401) throw new Error(`failed sign-in: ${failed.status}`)
}

async function readAudit() {
  const text = async (response) => { if (response.status !== 200) throw new Error(String(response.status)); return response.text() }
  await edith.must('GET', `${path}/events`)
  await text(await server.fetch(`${path}/events:export?format=ndjson`, { headers: { cookie: edith.cookie } }))
  const denied = await edith.request('POST', `${path}/tokens`, { name: 'not hers', lifetime_days: 1 })
  if (denied.status !== 403) throw new Error(`denied: ${denied.status}`)
}

async function useResources() {
  const add = (name, resource) => ada.must('POST', `${path}/resource-servers`, { name, resource })
  await add('Orders', ORDERS)
  const removed = await add('Removed', 'https://removed.example')
  await ada.must('DELETE', `${path}/resource-servers/${removed.id}`)
  const parent = await generate('exchanged', grace, { scope: 'tally:tokens.read' })
  const basic = 'Basic ' + Buffer.from(`${resourceServer.id}:${resourceServer.secret}`).toString('base64')
  await must('/oauth2/introspect', { token: parent.access_token }, { authorization: basic }) // a use, which is counted
  await must('/oauth2/token', { grant_type: EXCHANGE, subject_token: parent.access_token, subject_token_type: ACCESS_TOKEN, audience: ORDERS })
  await bind((await generate('bound to a key')).refresh_token)
}

async function rotateKeys() {
  await operator.must('POST', '/v1/keys:rotate', { activate: 'now' })
  const { items } = await operator.must('GET', '/v1/keys')
  const old = items.find(({ status }) => status === 'retiring')
  await operator.must('POST', `/v1/keys/${old.id}:retire`, { access: 'revoke' })
}

await changePolicy({ refresh_retry_seconds: 3600, allowed_scopes: ['orders.read', 'tally:tokens.read'] })
await rotateKeys()
await importLegacy()
await steal()
await stopTokens()
await movePeople()
await readAudit()
await useResources()
await restart() // what is above goes into files, what is below stays in the write-ahead log
const jwt = await generate('a signed access token')
await changePolicy({ access_token_format: 'opaque' })
const opaque = await refresh((await generate('an opaque access token')).refresh_token)
const refreshable = await refresh((await generate('refreshed')).refresh_token)
const lost = await generate('an answer was lost')
const answered = await refresh(lost.refresh_token)
await refresh(lost.refresh_token) // and told again
const kept = { method: 'POST', target: `${path}/tokens`, body: { name: 'asked for with a key', lifetime_days: 30 }, key: randomUUID() }
kept.answer = (await grace.request(kept.method, kept.target, kept.body, { 'idempotency-key': kept.key })).json

const lists = {}
for (const list of [`${path}/tokens?owner=all&limit=100`, `${path}/members`, `${path}/resource-servers`, '/v1/users', '/v1/workspaces', '/v1/keys']) {
  lists[list] = await (list === '/v1/users' || list === '/v1/keys' ? operator : ada).must('GET', list)
}
const { items: history } = await ada.must('GET', `${path}/tokens/${lost.token.id}/events`)
await server.stop()

await writeFile(join(target, 'witness.json'), JSON.stringify({
  made_at: new Date().toISOString(),
  arguments: ARGUMENTS,
  operator_password: OPERATOR_PASSWORD,
  sessions: { operator: operator.cookie, ada: ada.cookie, grace: grace.cookie },
  client_id: workspace.client_id,
  resource_server: { id: resourceServer.id, secret: resourceServer.secret },
  refreshable: refreshable.refresh_token,
  lost: { presented: lost.refresh_token, answered: answered.refresh_token },
  access_tokens: { jwt: jwt.access_token, opaque: opaque.access_token },
  kept,
  lists,
  history: { target: `${path}/tokens/${lost.token.id}/events`, types: history.map(({ type }) => type) },
}, null, 1) + '\n')
// What RocksDB makes again by itself, and what only says who had it open.
for (const name of await readdir(join(dataFolder, 'ledger'))) {
  if (/^(LOG|OPTIONS|LOCK|owner\.lock)/.test(name)) await rm(join(dataFolder, 'ledger', name))
}
