// The ledger's checkpoints as somebody sees them who trusts nothing of this house: the note is taken apart and verified here, with
// Node.js's own crypto and the text of C2SP signed-note and tlog-checkpoint. And what a server does that finds less than it signed.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { OPERATOR_PASSWORD, Server, furnish } from './support/server.mjs'

let folder
before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-ledger-'))))
after(() => rm(folder, { recursive: true, force: true }))

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()

/** An Ed25519 verifier key: NAME+HASH+KEY. */
function readVerifier(text) {
  const [, name, hash, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)\n$/.exec(text)
  const bytes = Buffer.from(encoded, 'base64')
  assert.equal(bytes.length, 33)
  assert.equal(bytes[0], 1)
  const id = sha256(Buffer.from(`${name}\n`), bytes).subarray(0, 4)
  assert.equal(id.toString('hex'), hash)
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1)])
  return { name, id, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) }
}

/** A note, if that key has signed it. */
function openNote(note, verifier) {
  const split = note.lastIndexOf('\n\n')
  const text = note.slice(0, split + 1)
  const [, name, encoded] = /^— (\S+) (\S+)\n$/.exec(note.slice(split + 2))
  const signature = Buffer.from(encoded, 'base64')
  assert.equal(name, verifier.name)
  assert.deepEqual(signature.subarray(0, 4), verifier.id)
  assert.ok(verify(null, Buffer.from(text), verifier.key, signature.subarray(4)), 'the signature is not good')
  const [origin, size, root, ...rest] = text.split('\n')
  assert.deepEqual(rest, [''])
  assert.equal(origin, verifier.name)
  assert.match(size, /^(0|[1-9]\d*)$/)
  assert.equal(Buffer.from(root, 'base64').length, 32)
  return { origin, size: Number(size), root }
}

const keyOf = async (server) => readVerifier(await (await server.fetch('/v1/ledger/key')).text())
async function checkpointOf(server) {
  const response = await server.fetch('/v1/ledger/checkpoint')
  assert.equal(response.status, 200)
  return openNote(await response.text(), await keyOf(server))
}

/** The checkpoint that has at least so many events: the server signs once a second, and is asked until it has. */
async function checkpointWith(server, size) {
  const deadline = Date.now() + 20_000
  for (;;) {
    const checkpoint = await checkpointOf(server)
    if (checkpoint.size >= size) return checkpoint
    assert.ok(Date.now() < deadline, `no checkpoint of ${size} events came`)
  }
}

/** A tallyd that must not come up. */
async function refused(dataFolder) {
  const child = spawn(process.env.TALLYD, ['--data-dir', dataFolder, '--listen', '127.0.0.1:0'], {
    env: { ...process.env, TALLY_OPERATOR_PASSWORD: OPERATOR_PASSWORD }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  // Whoever listens has not refused: it ends here, and without a status.
  child.stdout.on('data', (piece) => `${piece}`.includes('listening on') && child.kill('SIGKILL'))
  child.stderr.on('data', (piece) => (said += piece))
  const [code] = await once(child, 'exit')
  return { code, said }
}

test('a checkpoint is verified by other software, grows with the ledger, and is asked for without a session', async () => {
  const server = await Server.start({ args: ['--ledger-origin', 'ledger.example/orders'] })
  try {
    const first = await checkpointOf(server)
    assert.equal(first.origin, 'ledger.example/orders')
    assert.ok(first.size >= 1)
    const house = await furnish(server)
    const made = await house.grace.request('POST', house.tokensPath, { name: 'laptop', lifetime_days: 3 })
    const sequence = Number(made.headers.get('tally-sequence'))
    const grown = await checkpointWith(server, sequence + 1)
    assert.notEqual(grown.root, first.root)

    const response = await server.fetch('/v1/ledger/checkpoint')
    const tag = response.headers.get('etag')
    assert.match(tag, /^"\d+-/)
    assert.ok(Math.abs(new Date(response.headers.get('last-modified')) - Date.now()) < 60_000)
    assert.equal((await server.fetch('/v1/ledger/checkpoint', { headers: { 'if-none-match': tag } })).status, 304)
    assert.equal((await server.fetch('/v1/ledger/checkpoint', { method: 'HEAD' })).headers.get('etag'), tag)
    assert.equal((await server.fetch('/v1/ledger/checkpoint', { method: 'POST' })).status, 405)
  } finally {
    await server.stop()
  }
})

test('what is told lies on the disk: the note itself, for the owner only, beside the database', async () => {
  const server = await Server.start()
  try {
    await furnish(server)
    const file = join(server.dataFolder, 'checkpoint')
    const told = async () => (await server.fetch('/v1/ledger/checkpoint')).text()
    // Between the two the server may sign what has come since, but not for ever: nobody acts any more.
    const deadline = Date.now() + 20_000
    while ((await told()) !== (await readFile(file, 'utf8'))) assert.ok(Date.now() < deadline, 'another note is told')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.ok((await readdir(join(server.dataFolder, 'keys'))).includes('ledger.key'))
  } finally {
    await server.stop()
  }
})

test('a note that can not be written is not told, and the next that can is', async () => {
  const server = await Server.start({ args: ['--log-level', 'error'] })
  try {
    const { grace, tokensPath } = await furnish(server)
    const before = await checkpointWith(server, 8)
    // What the note would first be written to is taken, by something that can not be removed as a file is.
    await mkdir(join(server.dataFolder, 'checkpoint.new'))
    const made = await grace.request('POST', tokensPath, { name: 'not yet in a note', lifetime_days: 1 })
    const size = Number(made.headers.get('tally-sequence')) + 1
    const until = async (status) => {
      const deadline = Date.now() + 20_000
      for (;;) {
        const response = await server.fetch('/v1/ledger/checkpoint')
        if (response.status === status) return response
        assert.ok(Date.now() < deadline, `no answer of ${status} came`)
        if (response.status === 200) assert.ok(openNote(await response.text(), await keyOf(server)).size < size)
      }
    }
    const problem = await (await until(503)).json()
    assert.equal(problem.code, 'checkpoint_not_durable')
    await server.logged('no new checkpoint could be made')
    assert.match(server.log, /no new checkpoint could be made.*checkpoint\.new/)
    assert.ok((await readFile(join(server.dataFolder, 'checkpoint'), 'utf8')).includes(`\n${before.size}\n`))
    await rm(join(server.dataFolder, 'checkpoint.new'), { recursive: true })
    await until(200)
    assert.ok((await checkpointWith(server, size)).size >= size)
  } finally {
    await server.stop()
  }
})

/** How many events the checkpoint on the disk was signed for. */
const signedIn = async (dataFolder) => Number((await readFile(join(dataFolder, 'checkpoint'), 'utf8')).split('\n')[1])

test('it is signed while the ledger grows, though nobody asks, and once more at the end', async (t) => {
  const dataFolder = join(folder, 'growing')
  const server = await Server.start({ dataFolder })
  t.after(() => server.kill())
  const { grace, tokensPath } = await furnish(server)
  const generate = async (name) =>
    Number((await grace.request('POST', tokensPath, { name, lifetime_days: 1 })).headers.get('tally-sequence'))
  for (let round = 0; round < 2; round += 1) {
    const sequence = await generate(`token ${round}`)
    const deadline = Date.now() + 20_000
    while ((await signedIn(dataFolder)) <= sequence) assert.ok(Date.now() < deadline, `event ${sequence} was not signed`)
  }
  const last = await generate('the last one')
  await server.stop()
  assert.ok((await signedIn(dataFolder)) > last)
  const { stdout } = await promisify(execFile)(process.env.TALLY, ['replay', '--check', '--json', '--data-dir', dataFolder])
  const replayed = JSON.parse(stdout)
  assert.equal(replayed.signed_events, replayed.events)
})

test('a checkpoint that is missing beside its key is asked for, and a start that serves nobody yet needs none', async (t) => {
  const dataFolder = join(folder, 'missing')
  let server = await Server.start({ dataFolder })
  t.after(() => server.kill())
  const checkpoint = join(dataFolder, 'checkpoint')
  await server.stop()
  // Only the server has acted: as after a first start that ended before it signed.
  await rm(checkpoint)
  server = await Server.start({ dataFolder })
  await furnish(server)
  await server.stop()
  const note = await readFile(checkpoint)
  await rm(checkpoint)
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const { code, said } = await refused(dataFolder)
    assert.equal(code, 5, said)
    assert.match(said, /checkpoint is missing, though .*ledger\.key has signed .*: put it back.*docs\/operations\.md/)
  }
  await assert.rejects(promisify(execFile)(process.env.TALLY, ['replay', '--check', '--data-dir', dataFolder]), (error) => {
    assert.equal(error.code, 5)
    assert.match(error.stderr, /checkpoint is missing/)
    return true
  })
  await writeFile(checkpoint, note, { mode: 0o600 })
  server = await Server.start({ dataFolder })
  await server.stop()
})

test('many at once get notes that are all good, and of few sizes', async () => {
  const server = await Server.start()
  try {
    const house = await furnish(server)
    const key = await keyOf(server)
    const asked = []
    // No more than one address may have waiting.
    for (let round = 0; round < 40; round += 1) {
      asked.push(house.grace.must('POST', house.tokensPath, { name: `token ${round}`, lifetime_days: 1 }).then(() => undefined))
      for (let each = 0; each < 3; each += 1) asked.push(server.fetch('/v1/ledger/checkpoint').then((response) => response.text()))
    }
    const notes = (await Promise.all(asked)).filter((note) => note !== undefined)
    assert.equal(notes.length, 120)
    const roots = new Map()
    for (const note of notes) {
      const { size, root } = openNote(note, key)
      assert.equal(roots.get(size) ?? root, root, 'two roots for one size')
      roots.set(size, root)
    }
    assert.ok(roots.size <= 20, `${roots.size} notes were signed`)
  } finally {
    await server.stop()
  }
})

test('killed and started again, it tells no smaller checkpoint, and the same key', async (t) => {
  const dataFolder = join(folder, 'killed')
  const args = ['--ledger-origin', 'killed.example']
  let server = await Server.start({ dataFolder, args })
  t.after(() => server.kill())
  const house = await furnish(server)
  let last = await checkpointOf(server)
  const verifier = await (await server.fetch('/v1/ledger/key')).text()
  for (let kill = 0; kill < 3; kill += 1) {
    for (let token = 0; token < 20; token += 1) {
      await house.grace.must('POST', house.tokensPath, { name: `token ${token} of ${kill}`, lifetime_days: 1 })
    }
    last = await checkpointWith(server, last.size + 20)
    await server.kill()
    server = await Server.start({ dataFolder, args })
    house.grace.server = server
    const again = await checkpointOf(server)
    assert.ok(again.size > last.size, `${again.size} after ${last.size}`)
    assert.equal(await (await server.fetch('/v1/ledger/key')).text(), verifier)
    last = again
  }
  await server.stop()
})

test('a ledger that is older than its checkpoint is refused with status 5 and the first missing event; whole again, it goes on', async (t) => {
  const dataFolder = join(folder, 'older')
  let server = await Server.start({ dataFolder })
  t.after(() => server.kill())
  await server.stop()
  await cp(join(dataFolder, 'ledger'), join(folder, 'ledger-of-then'), { recursive: true })
  server = await Server.start({ dataFolder })
  const { size: before } = await checkpointOf(server)
  const { operator, tokensPath, grace } = await furnish(server)
  assert.ok(operator)
  await grace.must('POST', tokensPath, { name: 'lost by the backup', lifetime_days: 1 })
  const { size } = await checkpointWith(server, before + 3)
  await server.stop()
  await rename(join(dataFolder, 'ledger'), join(folder, 'ledger-of-now'))
  await cp(join(folder, 'ledger-of-then'), join(dataFolder, 'ledger'), { recursive: true })
  const missing = new Set() // by all attempts: whoever writes to a ledger before refusing it makes it longer
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const { code, said } = await refused(dataFolder)
    assert.equal(code, 5, said)
    missing.add(Number(/event (\d+) is the first that is missing/.exec(said)?.[1]))
  }
  assert.equal(missing.size, 1)
  assert.ok([...missing][0] < size)
  await rm(join(dataFolder, 'ledger'), { recursive: true })
  await rename(join(folder, 'ledger-of-now'), join(dataFolder, 'ledger'))

  const note = await readFile(join(dataFolder, 'checkpoint'), 'utf8')
  await writeFile(join(dataFolder, 'checkpoint'), note.slice(0, -30))
  assert.equal((await refused(dataFolder)).code, 5)
  await writeFile(join(dataFolder, 'checkpoint'), note.replace(/\n\d+\n/, '\n1\n'))
  assert.equal((await refused(dataFolder)).code, 5)
  await writeFile(join(dataFolder, 'checkpoint'), note)
  await rename(join(dataFolder, 'keys', 'ledger.key'), join(folder, 'ledger.key'))
  const keyless = await refused(dataFolder)
  assert.equal(keyless.code, 3)
  assert.match(keyless.said, /keys\/ledger\.key is missing, though .*checkpoint was signed with it: put it back/)
  await rename(join(folder, 'ledger.key'), join(dataFolder, 'keys', 'ledger.key'))
  server = await Server.start({ dataFolder })
  assert.ok((await checkpointOf(server)).size > size)
  await server.stop()
})

test('tally ledger checkpoint says what other software finds', async () => {
  const server = await Server.start()
  try {
    const run = (...args) => promisify(execFile)(process.env.TALLY, [...args, '--url', server.url], {
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder } })
    const told = JSON.parse((await run('ledger', 'checkpoint', '--json')).stdout)
    const verifier = readVerifier((await run('ledger', 'key')).stdout)
    const { origin, size, root } = openNote(told.note, verifier)
    assert.deepEqual({ origin: told.origin, size: told.size, root: told.root }, { origin, size, root })
    assert.equal(Buffer.from(root, 'base64').toString('hex'), told.root_hex)
  } finally {
    await server.stop()
  }
})
