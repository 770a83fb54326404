// tally, the command line, seen from outside: what it follows, and what it writes to.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { chmod, lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { furnish, PERSON_PASSWORD, Server } from './support/server.mjs'

const tally = process.env.TALLY
const run = promisify(execFile)
let server, house, home, environment

before(async () => {
  server = await Server.start()
  house = await furnish(server)
  home = await mkdtemp(join(tmpdir(), 'tally-follow-'))
  environment = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, TALLY_URL: server.url, TALLY_PASSWORD: PERSON_PASSWORD }
  await run(tally, ['login', house.ada.user.username], { env: environment })
})
after(async () => {
  await server.stop()
  await rm(home, { recursive: true, force: true })
})

/** `tally audit --follow` as JSON lines: `next()` is the next event, `told(text)` waits for standard error. */
function follow(...options) {
  const child = spawn(tally, ['audit', '--follow', '--json', ...options], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let error = ''
  child.stderr.on('data', (piece) => (error += piece))
  return {
    next: async () => JSON.parse((await lines.next()).value),
    told: async (text) => { while (!error.includes(text)) await once(child.stderr, 'data') },
    end: async () => { child.kill(); await once(child, 'exit') },
  }
}

const generate = (name) => house.ada.must('POST', house.tokensPath, { name, lifetime_days: 1 })
const readsOf = async () => (await house.edith.must('GET', `/v1/workspaces/${house.workspace.id}/events?type=AuditRead&limit=1000`)).items

test('follow: what happens is told as it does, and only that; watching is one event', async () => {
  const before = (await readsOf()).length
  const following = follow('--type', 'TokenGenerated', '--since', '1h')
  await generate('first')
  assert.equal((await following.next()).data.name, 'first')
  await generate('second')
  assert.equal((await following.next()).data.name, 'second')
  await following.end()
  // The other one is the look of just before.
  const reads = await readsOf()
  assert.equal(reads.length - before, 2)
  assert.match(reads.at(-1).data.filter, /^live&type=TokenGenerated&since=/)
})

test('follow: a server that is away for a while is waited for, and nothing is missed or told twice', async () => {
  const following = follow('--type', 'TokenGenerated', '--since', '1h')
  while ((await following.next()).data.name !== 'second');
  const { port } = new URL(server.url)
  const { dataFolder } = server
  server.ownsFolder = false
  await server.kill()
  await following.told('trying again in')
  server = await Server.start({ dataFolder, args: ['--listen', `127.0.0.1:${port}`] })
  server.ownsFolder = true
  house.ada.server = house.edith.server = server
  await generate('third')
  assert.equal((await following.next()).data.name, 'third')
  await following.told('The server is back')
  await following.end()
})

const exported = (...options) => run(tally, ['export', ...options], { env: environment, maxBuffer: 1 << 26 })

test('export: - and /dev/stdout give the events alone', async () => {
  for (const name of ['-', '/dev/stdout']) {
    const { stdout, stderr } = await exported('-o', name)
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line))
    assert.equal(lines[0].workspace_sequence, 0)
    assert.match(stderr, /SHA-256/)
  }
})

test('export: a device and a symbolic link stay what they are; modes are kept, new files are private', async () => {
  // By links, so that whatever would be replaced in error is a link.
  const [full, link, real] = ['full', 'link', 'real'].map((name) => join(home, name))
  await symlink('/dev/full', full)
  await assert.rejects(exported('-o', full), /No space left/)
  assert.ok((await lstat(full)).isSymbolicLink() && (await stat('/dev/full')).isCharacterDevice())
  await writeFile(real, 'old')
  await chmod(real, 0o640)
  await symlink('real', link)
  await exported('-o', link)
  assert.ok((await lstat(link)).isSymbolicLink())
  assert.equal((await stat(real)).mode & 0o777, 0o640)
  assert.equal((await stat(`${link}.manifest`)).mode & 0o777, 0o600)
  assert.match(await readFile(real, 'utf8'), /"type":"WorkspaceCreated"/)
})

test('export: of a spreadsheet no cell is a formula, though a caller wanted one', async () => {
  await fetch(server.url + house.tokensPath, {
    method: 'POST',
    headers: { origin: server.url, cookie: house.ada.cookie, 'content-type': 'application/json', 'user-agent': '=HYPERLINK("http://evil.example","x")',
      'x-request-id': '=1+1' },
    body: JSON.stringify({ name: '=2+2', lifetime_days: 90.0 }),
  })
  const file = join(home, 'events.csv')
  await exported('-o', file)
  const safe = await readFile(file, 'utf8')
  assert.match(safe, /,'=1\+1,/)
  assert.match(safe, /"'=HYPERLINK/)
  assert.doesNotMatch(safe, /(^|,)"?[=+@-]/m)
  await exported('--format', 'csv', '-o', file)
  assert.match(await readFile(file, 'utf8'), /,=1\+1,/)
})
