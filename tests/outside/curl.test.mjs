// curl, as people paste it: forms, wrong content types, repeated and missing parameters.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Server, furnish } from './support/server.mjs'

const run = promisify(execFile)
let server, house

before(async () => {
  server = await Server.start()
  house = await furnish(server)
})
after(() => server?.stop())

async function curl(target, ...args) {
  const { stdout } = await run('curl', ['-sS', '--max-time', '20', '-w', '\n%{http_code} %{content_type}', server.url + target, ...args])
  const end = stdout.lastIndexOf('\n')
  const [status, type] = stdout.slice(end + 1).split(' ')
  const text = stdout.slice(0, end)
  return { status: Number(status), type, text, json: /json/.test(type) ? JSON.parse(text) : undefined }
}
const form = (fields) => fields.flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`])
const generate = () => house.grace.must('POST', house.tokensPath, { name: 'curl', lifetime_days: 1 })

test('the refresh of RFC 6749 §6 with curl', async () => {
  const generated = await generate()
  const answer = await curl('/oauth2/token', ...form([
    ['grant_type', 'refresh_token'], ['refresh_token', generated.refresh_token], ['client_id', house.workspace.client_id]]))
  assert.equal(answer.status, 200)
  assert.deepEqual(Object.keys(answer.json).sort(), [
    'access_token', 'authorization_expires_in', 'expires_in', 'refresh_token', 'refresh_token_expires_in', 'refresh_token_timeout', 'scope',
    'token_type'])
})

test('each mistake at the token endpoint has its error code of RFC 6749 §5.2', async (t) => {
  const { refresh_token } = await generate()
  const client_id = house.workspace.client_id
  const grant_type = 'refresh_token'
  const right = { grant_type, refresh_token, client_id }
  const changed = (changes) => form(Object.entries({ ...right, ...changes }).filter(([, value]) => value !== undefined))
  const table = [
    ['no grant type', changed({ grant_type: undefined }), 400, 'invalid_request'],
    ['no client id', changed({ client_id: undefined }), 400, 'invalid_request'],
    ['no refresh token', changed({ refresh_token: undefined }), 400, 'invalid_request'],
    ['client id twice', [...changed({}), '-d', `client_id=${client_id}`], 400, 'invalid_request'],
    ['refresh token twice', [...changed({}), '-d', `refresh_token=${refresh_token}`], 400, 'invalid_request'],
    ['a JSON body', ['-H', 'Content-Type: application/json', '-d', JSON.stringify(right)], 400, 'invalid_request'],
    ['bad percent encoding', ['-d', 'grant_type=%zz'], 400, 'invalid_request'],
    ['another grant', changed({ grant_type: 'password' }), 400, 'unsupported_grant_type'],
    ['unknown client', changed({ client_id: 'ws_00000000000000000000000000' }), 401, 'invalid_client'],
    ['client id of no form', changed({ client_id: 'nonsense' }), 401, 'invalid_client'],
    ['a token of no form', changed({ refresh_token: 'nonsense' }), 400, 'invalid_grant'],
    ['a token with a broken checksum', changed({ refresh_token: refresh_token.slice(0, -1) + '!' }), 400, 'invalid_grant'],
    ['a wider scope', changed({ scope: 'tally:tokens.write' }), 400, 'invalid_scope'],
    ['a scope of no form', changed({ scope: 'a"b' }), 400, 'invalid_scope'],
  ]
  for (const [name, args, status, error] of table) {
    await t.test(name, async () => {
      const answer = await curl('/oauth2/token', ...args)
      assert.deepEqual([answer.status, answer.json.error], [status, error], answer.text)
      assert.ok(!answer.text.includes(refresh_token), 'an error repeats the secret')
    })
  }
  await t.test('and none of them spent the token', async () => {
    assert.equal((await curl('/oauth2/token', ...changed({}))).status, 200)
  })
})

test('introspection needs HTTP Basic', async () => {
  const none = await curl('/oauth2/introspect', '-d', 'token=x')
  assert.deepEqual([none.status, none.json.error], [401, 'invalid_client'])
  const wrong = await curl('/oauth2/introspect', '-u', `${house.resourceServer.id}:wrong`, '-d', 'token=x')
  assert.equal(wrong.status, 401)
  const right = await curl('/oauth2/introspect', '-u', `${house.resourceServer.id}:${house.resourceServer.secret}`, '-d', 'token=x')
  assert.deepEqual([right.status, right.json], [200, { active: false }])
})

test('a removed resource server can ask no more', async () => {
  const other = await house.ada.must('POST', `/v1/workspaces/${house.workspace.id}/resource-servers`, { name: 'Short-lived' })
  const ask = () => curl('/oauth2/introspect', '-u', `${other.id}:${other.secret}`, '-d', 'token=x')
  assert.equal((await ask()).status, 200)
  await house.ada.request('DELETE', `/v1/workspaces/${house.workspace.id}/resource-servers/${other.id}`)
  assert.equal((await ask()).status, 401)
})

test('no log line of all that holds a secret', async () => {
  const generated = await generate()
  await curl('/oauth2/token', ...form([
    ['grant_type', 'refresh_token'], ['refresh_token', generated.refresh_token], ['client_id', house.workspace.client_id]]))
  await curl(`/v1/session?refresh_token=${generated.refresh_token}`, '-H', `Authorization: Bearer ${generated.access_token}`)
  assert.ok(server.log.length > 0)
  for (const secret of ['tlr_', 'tls_', generated.access_token, 'tally_session', 'correct-horse']) {
    assert.ok(!server.log.includes(secret), secret)
  }
})
