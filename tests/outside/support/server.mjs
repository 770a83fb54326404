// Starts the tallyd under test on a free port and a temporary data folder, and gives callers to its HTTP interface.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { webcrypto } from 'node:crypto'
import { httpsFetch } from './https_fetch.mjs'
import { ResponseChecker } from './openapi.mjs'

// Debian 12's Node.js 18 has Web Crypto, but not under the global names that jose and oauth4webapi use.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey

export const OPERATOR_PASSWORD = 'correct-horse-battery-staple'
export const PERSON_PASSWORD = 'a-long-enough-password'

const program = process.env.TALLYD
if (!program) throw new Error('TALLYD must name the server under test')

/** The environment of a server whose clock is ahead, by Debian's libfaketime: `+2h`, `+30d`. Its timeouts run as ever. */
export const inTheFuture = (ahead) => ({
  LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1', FAKETIME: ahead, FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1',
})

/** As the option `skip` of a test: a sanitizer must be the first library of its process, and so must libfaketime. */
export const noClockToMove = process.env.SANITIZED_SERVER ? 'libfaketime does not go with a sanitizer' : false

export class Server {
  /**
   * `dataFolder`: one that an earlier server left; absent: a new one that is removed at the end. `ca`: the authority of a
   * server that speaks TLS.
   */
  static async start({ dataFolder, args = [], environment = {}, ca } = {}) {
    const server = new Server()
    server.ca = ca
    server.ownsFolder = !dataFolder
    server.dataFolder = dataFolder ?? (await mkdtemp(join(tmpdir(), 'tally-test-')))
    server.process = spawn(program, ['--data-dir', server.dataFolder, '--listen', '127.0.0.1:0', ...args], {
      env: { ...process.env, TALLY_OPERATOR_PASSWORD: OPERATOR_PASSWORD, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    server.log = ''
    server.process.stderr.on('data', (piece) => (server.log = (server.log + piece).slice(-200_000)))
    server.ended = once(server.process, 'exit')
    const lines = createInterface({ input: server.process.stdout })
    server.url = await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const found = /^tallyd: listening on (https?:\/\/\S+)$/.exec(line)
        if (found) resolve(found[1])
      })
      server.process.on('error', reject)
      server.process.on('exit', (code, signal) => reject(new Error(`tallyd ended (${code ?? signal}): ${server.log}`)))
    })
    if (!args.includes('--log-level')) await server.logged('"serving"')
    server.checker = await ResponseChecker.load(server.url, (target) => server.ask(target))
    return server
  }

  /** Waits for the log to hold `text`: lines come out a little after what they tell of. */
  async logged(text) {
    while (!this.log.includes(text)) await once(this.process.stderr, 'data')
  }

  /** SIGTERM; the exit code of an orderly end is 0. */
  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM')
    const [code, signal] = await this.ended
    if (this.ownsFolder) await rm(this.dataFolder, { recursive: true, force: true })
    if (code !== 0) throw new Error(`tallyd ended with ${code ?? signal}: ${this.log}`)
  }

  /** As a power cut of the process: SIGKILL. The data folder stays. */
  async kill() {
    this.process.kill('SIGKILL')
    await this.ended
  }

  /** fetch, over TLS too. `tls`: a client's cert and key. */
  ask(url, options = {}, tls = {}) {
    return this.ca ? httpsFetch(url, options, { ca: this.ca, ...tls }) : fetch(url, options)
  }

  /** fetch, with the answer checked against the server's own OpenAPI document. */
  async fetch(target, options = {}, tls = {}) {
    const response = await this.ask(this.url + target, { redirect: 'error', ...options }, tls)
    await this.checker.check(options.method ?? 'GET', target, response.clone())
    return response
  }

  async signIn(username, password) {
    const session = new Session(this)
    const response = await session.request('POST', '/v1/session', { username, password })
    if (response.status !== 200) throw new Error(`sign-in of ${username}: ${response.status}`)
    session.cookie = response.headers.get('set-cookie').split(';')[0]
    session.who = response.json
    return session
  }

  operator() {
    return this.signIn('operator', OPERATOR_PASSWORD)
  }
}

/** A signed-in person: JSON in, JSON out. */
export class Session {
  constructor(server) {
    this.server = server
  }

  async request(method, target, body, headers = {}) {
    const response = await this.server.fetch(target, {
      method,
      headers: {
        origin: this.server.origin ?? this.server.url,
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, json: isJson && text ? JSON.parse(text) : undefined }
  }

  /** The JSON of an answer that must be a success. */
  async must(method, target, body) {
    const answer = await this.request(method, target, body)
    if (answer.status >= 300) throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`)
    return answer.json
  }
}

/** A workspace with an admin, a member and a resource server. */
export async function furnish(server, name = 'Payments') {
  const operator = await server.operator()
  const workspace = await operator.must('POST', '/v1/workspaces', { name })
  const people = {}
  for (const [username, role] of [['ada', 'admin'], ['grace', 'member'], ['edith', 'auditor']]) {
    const unique = `${username}-${workspace.id.slice(-8)}`
    const user = await operator.must('POST', '/v1/users', { username: unique, display_name: username, password: PERSON_PASSWORD })
    await operator.must('PUT', `/v1/workspaces/${workspace.id}/members/${user.id}`, { role })
    people[username] = await server.signIn(unique, PERSON_PASSWORD)
    people[username].user = user
  }
  const resourceServer = await people.ada.must('POST', `/v1/workspaces/${workspace.id}/resource-servers`, { name: 'Orders API' })
  return { operator, workspace, ...people, resourceServer, tokensPath: `/v1/workspaces/${workspace.id}/tokens` }
}
