// A tallyd of its own, and Debian's Chromium in front of it. A test fails on whatever the browser complains about: a breach of the
// Content-Security-Policy, an error in a script, a request that leaves the machine.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

export const OPERATOR_PASSWORD = 'correct-horse-battery-staple'
export const PASSWORD = 'a-long-enough-password'
export const AXE_PATH = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const program = process.env.TALLYD
if (!program) throw new Error('TALLYD must name the server under test')

export class Server {
  static async start(args = []) {
    const server = new Server()
    server.folder = await mkdtemp(join(tmpdir(), 'tally-pages-'))
    server.process = spawn(program, ['--data-dir', join(server.folder, 'data'), '--listen', '127.0.0.1:0', ...args], {
      env: { ...process.env, TALLY_OPERATOR_PASSWORD: OPERATOR_PASSWORD },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    server.log = ''
    server.process.stderr.on('data', (piece) => (server.log += piece))
    server.ended = once(server.process, 'exit')
    const lines = createInterface({ input: server.process.stdout })
    server.url = await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const found = /^tallyd: listening on (http:\/\/\S+)$/.exec(line)
        if (found) resolve(found[1])
      })
      server.process.on('exit', (code, signal) => reject(new Error(`tallyd ended (${code ?? signal}): ${server.log}`)))
    })
    return server
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM')
    const [code, signal] = await this.ended
    await rm(this.folder, { recursive: true, force: true })
    assert.equal(code, 0, `tallyd ended with ${code ?? signal}: ${this.log.slice(-2000)}`)
  }

  async signIn(username, password = PASSWORD) {
    const person = new Person(this)
    const response = await person.send('POST', '/v1/session', { username, password })
    assert.equal(response.status, 200, `sign-in of ${username}`)
    person.cookie = response.headers.get('set-cookie').split(';')[0]
    return person
  }
}

/** Somebody who uses the API beside the pages: it makes what the pages are to show. */
export class Person {
  constructor(server) {
    this.server = server
  }

  async send(method, target, body) {
    const headers = { origin: this.server.url }
    if (this.cookie) headers.cookie = this.cookie
    if (body !== undefined) headers['content-type'] = 'application/json'
    return fetch(this.server.url + target, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
  }

  async must(method, target, body) {
    const response = await this.send(method, target, body)
    const text = await response.text()
    assert.ok(response.ok, `${method} ${target}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }
}

/** A workspace, and somebody in every role. */
export async function furnish(server, name = 'Orders') {
  const operator = await server.signIn('operator', OPERATOR_PASSWORD)
  const workspace = await operator.must('POST', '/v1/workspaces', { name })
  const people = {}
  for (const [username, displayName, role] of [['ada', 'Ada Lovelace', 'admin'], ['grace', 'Grace Hopper', 'member'], ['edith', 'Edith Clarke', 'auditor']]) {
    const user = await operator.must('POST', '/v1/users', { username, display_name: displayName, password: PASSWORD })
    await operator.must('PUT', `/v1/workspaces/${workspace.id}/members/${user.id}`, { role })
    people[username] = Object.assign(await server.signIn(username), { user })
  }
  return { operator, workspace, ...people, path: `/v1/workspaces/${workspace.id}` }
}

export function launch() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--font-render-hinting=none',
    ],
  })
}

/** One person's browser: cookies, language and theme of its own. */
export class Visitor {
  static async open(browser, server, { language = 'en', theme = 'light', viewport = { width: 1280, height: 800 }, ...rest } = {}) {
    const visitor = new Visitor()
    visitor.server = server
    visitor.complaints = []
    visitor.expected = []
    visitor.context = await browser.newContext({
      locale: language === 'zh' ? 'zh-CN' : 'en-GB',
      colorScheme: theme,
      timezoneId: 'Europe/Berlin',
      viewport,
      reducedMotion: 'reduce',
      baseURL: server.url,
      permissions: ['clipboard-read', 'clipboard-write'],
      ...rest,
    })
    visitor.context.setDefaultTimeout(10_000)
    visitor.page = await visitor.newPage()
    return visitor
  }

  async newPage() {
    const page = await this.context.newPage()
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(`${message.type()}: ${message.text()}`)
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(this.server.url) && !request.url().startsWith('blob:')) this.complaints.push(`left the server: ${request.url()}`)
      // It weighs more than the pages do, and what they want to know of it comes with them.
      if (request.url() === `${this.server.url}/openapi.json`) this.complaints.push('fetched the whole contract')
    })
    return page
  }

  /** What the browser may say although all is well: a refused sign-in, say. */
  expect(...patterns) {
    this.expected.push(...patterns)
  }

  async close() {
    await this.context.close()
    const surprising = this.complaints.filter((complaint) => !this.expected.some((pattern) => pattern.test(complaint)))
    assert.deepEqual(surprising, [], 'the browser complained')
  }

  /** Comes with the session that the person has already; the page then is their tokens. */
  async arrive(person, target = '/app') {
    const [name, value] = person.cookie.split('=')
    await this.context.addCookies([{ name, value, url: this.server.url, httpOnly: true, sameSite: 'Strict' }])
    await this.page.goto(target)
    await this.page.locator('main h1').waitFor()
  }

  async signIn(username, password = PASSWORD, target = '/app') {
    // Before anybody is signed in, the question who is signed in is answered with 401, and the browser writes that down.
    this.expect(/status of 401/)
    await this.page.goto(target)
    await this.page.locator('input[autocomplete=username]').fill(username)
    await this.page.locator('input[autocomplete=current-password]').fill(password)
    await this.page.locator('button[type=submit]').click()
    await this.page.locator('.shell, .setup').waitFor()
  }
}

/** The heading of the page that is shown. */
export const heading = (page) => page.locator('main h1')

/** The dialog that is open. */
export const dialog = (page) => page.locator('dialog[open]')

/** Reads again and again, each time a round trip to the browser or the server, until it gives what is wanted. */
export async function eventually(read, wanted) {
  const until = Date.now() + 10_000
  for (;;) {
    const value = await read()
    if (Date.now() > until || JSON.stringify(value) === JSON.stringify(wanted)) return assert.deepEqual(value, wanted)
  }
}

/** Keeps back the answers to what the page asks for there, until what this gives is called. */
export async function holdAnswers(page, where) {
  let letGo
  const held = new Promise((resolve) => (letGo = resolve))
  await page.route(where, async (route) => {
    if (route.request().method() !== 'GET') return route.continue()
    const response = await route.fetch()
    await held
    await route.fulfill({ response })
  })
  return letGo
}

/** Presses the button that copies something, and gives what the clipboard holds once the button says that it is done. */
export async function copied(within, what) {
  const button = within.getByRole('button', { name: `Copy ${what}` })
  await button.click()
  await button.getByText('Copied').first().waitFor()
  return within.page().evaluate(() => navigator.clipboard.readText())
}

/** The names in the table of tokens, from top to bottom. */
export const names = (page) => page.locator('table.tokens td.name a').allTextContents()
