// HTTPS as curl and Node.js speak it: versions, resumption, reload, client certificates, and the mistakes of a start.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Certificates } from './support/certificates.mjs'
import { Server, furnish } from './support/server.mjs'

const run = promisify(execFile)
let certificates, server

before(async () => {
  certificates = await Certificates.make()
  await Promise.all([certificates.leaf('first', 'serverAuth'), certificates.leaf('robot', 'clientAuth'),
    certificates.leaf('second', 'serverAuth', { key: ['rsa:2048'] }), certificates.authority('stranger')])
  await certificates.leaf('intruder', 'clientAuth', { authority: 'stranger' })
  await use('first')
  server = await Server.start({
    args: tlsArguments('--tls-client-ca', certificates.path('ca.pem'), '--log-level', 'debug'),
    ca: await certificates.read('ca.pem'),
  })
})
after(async () => {
  await server?.stop()
  await certificates?.remove()
})

/** Puts a certificate where the server looks for its own. */
async function use(name) {
  await copyFile(certificates.path(`${name}.key`), certificates.path('served.key'))
  await copyFile(certificates.path(`${name}.pem`), certificates.path('served.pem'))
}
const tlsArguments = (...more) => [
  '--tls-certificate', certificates.path('served.pem'), '--tls-key', certificates.path('served.key'), ...more]

async function curl(target, ...args) {
  const { stdout } = await run('curl', ['-sS', '--max-time', '20', '--cacert', certificates.path('ca.pem'),
    '-w', '\n%{http_code} %{http_version}', server.url + target, ...args])
  return stdout.slice(stdout.lastIndexOf('\n') + 1)
}

/** One request of node's https, and what its socket knows. */
function ask(target, options = {}) {
  return new Promise((resolve, reject) => {
    const request = https.get(server.url + target, { ca: server.ca, agent: false, ...options }, (response) => {
      const { socket } = response
      const seen = { status: response.statusCode, headers: response.headers, reused: socket.isSessionReused(),
        protocol: socket.getProtocol(), serial: socket.getPeerCertificate().serialNumber }
      response.resume().on('end', () => resolve(seen))
    })
    request.on('error', reject)
    if (options.onSession) request.on('socket', (socket) => socket.on('session', options.onSession))
  })
}

/** Waits for a line of the server's log. */
async function logged(text) {
  while (!server.log.includes(text)) await once(server.process.stderr, 'data')
}

test('curl: TLS 1.3 and 1.2 are spoken, 1.1 is not, and plain HTTP is told so', async () => {
  assert.equal(await curl('/healthz'), '200 1.1')
  assert.equal(await curl('/healthz', '--tls-max', '1.2'), '200 1.1')
  await assert.rejects(curl('/healthz', '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0'), { code: 35 })
  await assert.rejects(run('curl', ['-sS', server.url + '/healthz']), { code: 60 }, 'an authority that curl does not know')
  const { stdout } = await run('curl', ['-sS', '-w', '%{http_code}', server.url.replace('https', 'http') + '/healthz'])
  assert.match(stdout, /"code":"tls_required".*400$/)
})

test('the server names itself by https, in its metadata and at its sign-in', async () => {
  const metadata = await (await server.fetch('/.well-known/oauth-authorization-server')).json()
  assert.equal(metadata.issuer, server.url)
  assert.ok(server.url.startsWith('https://'))
  const operator = await server.operator()
  assert.equal((await operator.request('GET', '/v1/session')).headers.get('strict-transport-security'), 'max-age=31536000')
})

test('node: the second connection resumes', async () => {
  let session
  const first = await ask('/healthz', { onSession: (given) => (session = given) })
  assert.deepEqual([first.status, first.protocol, first.reused], [200, 'TLSv1.3', false])
  assert.equal((await ask('/healthz', { session })).reused, true)
})

/** TLS options of a client that shows a certificate. */
const as = async (name) => ({ cert: await certificates.read(`${name}.pem`), key: await certificates.read(`${name}.key`) })

test('a client certificate of the authority is taken, none is needed, a stranger is refused', async () => {
  assert.equal((await ask('/healthz', await as('robot'))).status, 200)
  await assert.rejects(ask('/healthz', await as('intruder')))
  await logged('a TLS handshake failed')
  assert.equal((await ask('/healthz')).status, 200)
})

test('RFC 8705: a refresh over a connection with a certificate binds the token to it', async () => {
  const house = await furnish(server)
  const robot = await as('robot')
  const client_id = house.workspace.client_id
  const post = (target, fields, tls, headers = {}) =>
    server.fetch(target, { method: 'POST', body: new URLSearchParams(fields), headers }, tls)
  const refresh = (refresh_token, tls) => post('/oauth2/token', { grant_type: 'refresh_token', refresh_token, client_id }, tls)
  const { refresh_token } = await house.grace.must('POST', house.tokensPath, { name: 'robot', lifetime_days: 1 })
  const pair = await (await refresh(refresh_token, robot)).json()
  assert.equal(pair.token_type, 'Bearer')

  const { id, secret } = house.resourceServer
  const basic = { authorization: 'Basic ' + Buffer.from(`${id}:${secret}`).toString('base64') }
  const told = await (await post('/oauth2/introspect', { token: pair.access_token }, {}, basic)).json()
  const thumbprint = Buffer.from(new X509Certificate(robot.cert).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  assert.deepEqual(told.cnf, { 'x5t#S256': thumbprint })

  const ask = async (tls) => (await server.fetch('/forward-auth', { headers: { authorization: `Bearer ${pair.access_token}` } }, tls)).status
  assert.deepEqual([await ask(robot), await ask({})], [200, 401])
  assert.equal((await (await refresh(pair.refresh_token, {})).json()).error, 'invalid_grant')
  assert.equal((await refresh(pair.refresh_token, robot)).status, 200)
  const metadata = await (await server.fetch('/.well-known/oauth-authorization-server')).json()
  assert.equal(metadata.tls_client_certificate_bound_access_tokens, true)
})

test('SIGHUP: a new certificate for new connections; a bad one changes nothing', async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  const before = await ask('/healthz', { agent })
  await use('second')
  server.process.kill('SIGHUP')
  await logged('new connections use the TLS files')
  const fresh = await ask('/healthz')
  assert.notEqual(fresh.serial, before.serial)
  assert.equal((await ask('/healthz', { agent })).serial, before.serial, 'the open connection was dropped')
  await writeFile(certificates.path('served.key'), 'nonsense')
  server.process.kill('SIGHUP')
  await logged('the old ones stay')
  assert.match(server.log, /tls_key: \S+: there is no PEM private key in it/)
  assert.equal((await ask('/healthz')).serial, fresh.serial)
  agent.destroy()
})

test('no line of the log holds a key', () => {
  assert.ok(server.log.length > 0)
  assert.ok(!server.log.includes('PRIVATE'))
})

test('a mistake ends the start with status 2 and the name of the setting', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-start-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const at = (name) => certificates.path(name)
  const table = [
    ['a key that is not there', ['--tls-certificate', at('first.pem'), '--tls-key', at('absent')], /^tallyd: tls_key: /],
    ['a key of another', ['--tls-certificate', at('first.pem'), '--tls-key', at('second.key')], /^tallyd: tls_key: \S+: it does not belong/],
    ['no certificate', ['--tls-certificate', at('first.key'), '--tls-key', at('first.key')], /^tallyd: tls_certificate: /],
    ['a certificate alone', ['--tls-certificate', at('first.pem')], /^tallyd: tls_certificate: .*tls_key/],
    ['an open address', ['--listen', '0.0.0.0:0'], /^tallyd: listen: .*--behind-proxy/],
  ]
  for (const [name, args, told] of table) {
    await t.test(name, async () => {
      const child = spawn(process.env.TALLYD, ['--data-dir', join(folder, 'data'), '--listen', '127.0.0.1:0', ...args])
      let text = ''
      child.stderr.on('data', (piece) => (text += piece))
      const [code] = await once(child, 'close')
      assert.equal(code, 2, text)
      assert.match(text, told)
    })
  }
})

test('behind a proxy, the log knows the client by the word of the proxy', async (t) => {
  const proxied = await Server.start({ args: ['--behind-proxy', '--issuer', 'https://tokens.example.com'] })
  t.after(() => proxied.stop())
  await fetch(proxied.url + '/healthz', { headers: { 'X-Forwarded-For': '9.9.9.9, 192.0.2.77', Forwarded: 'for=8.8.8.8' } })
  while (!proxied.log.includes('"remote_address":"192.0.2.77"')) await once(proxied.process.stderr, 'data')
  assert.ok(!proxied.log.includes('9.9.9.9') && !proxied.log.includes('8.8.8.8'))
})
