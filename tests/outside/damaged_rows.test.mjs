// A row file that is damaged or gone: the server lives, says which file it is, and the command line puts the folder right.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { furnish, Server } from './support/server.mjs'

const run = promisify(execFile)
let folder

before(async () => (folder = await mkdtemp(join(tmpdir(), 'tally-damaged-'))))
after(() => rm(folder, { recursive: true, force: true }))

/** Exit status and output of `tally`, which is asked about a folder and not about a server. */
const tally = (...args) => run(process.env.TALLY, args).then(
  ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
  ({ code, stdout, stderr }) => ({ status: code, stdout, stderr }),
)

/** A folder in which every row lies in a file of its family, and a token in it. */
async function settledFolder(name) {
  const dataFolder = join(folder, name)
  const made = await Server.start({ dataFolder })
  const house = await furnish(made)
  const generated = await house.ada.must('POST', house.tokensPath, { name: 'robot', lifetime_days: 30 })
  await made.stop()
  await (await Server.start({ dataFolder })).stop()
  return { dataFolder, house, generated }
}

/** The files of a family: each has its name beside what is left of `rocksdb.column.family.name`. */
async function filesOf(dataFolder, family) {
  const named = new RegExp(`name${family}(?![a-z_])`)
  const ledger = join(dataFolder, 'ledger')
  const files = []
  for (const name of await readdir(ledger)) {
    if (name.endsWith('.sst') && named.test(await readFile(join(ledger, name), 'latin1'))) files.push(join(ledger, name))
  }
  assert.ok(files.length > 0, `no file of ${family}`)
  return files
}

async function flipBit(path, at) {
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, at)
  byte[0] ^= 4
  await file.write(byte, 0, 1, at)
  await file.close()
}

/** Signs in again as somebody of before. */
const again = (server, house, name) => server.signIn(house[name].user.username, 'a-long-enough-password')

async function refresh(server, house, refreshToken) {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: house.workspace.id, refresh_token: refreshToken })
  const response = await server.ask(`${server.url}/oauth2/token`, { method: 'POST', body })
  return { status: response.status, text: await response.text() }
}

test('a bit of a row file: 500 with a line that names the file, the server goes on, and tally replay puts it right', async () => {
  const { dataFolder, house, generated } = await settledFolder('bit')
  for (const file of await filesOf(dataFolder, 'token@1')) await flipBit(file, 10)
  const server = await Server.start({ dataFolder })
  const ada = await again(server, house, 'ada')
  const token = `${house.tokensPath}/${generated.token.id}`
  for (let round = 0; round < 3; ++round) {
    for (const answer of [await ada.request('GET', token), await ada.request('POST', `${token}:disable`, {})]) {
      assert.equal(answer.status, 500, answer.text)
      assert.doesNotMatch(answer.text, /sst|ledger\//)
    }
    const refused = await refresh(server, house, generated.refresh_token)
    assert.equal(refused.status, 500)
    assert.doesNotMatch(refused.text, /sst|ledger\//)
  }
  const lines = server.log.split('\n').filter((line) => /"level":"error"/.test(line))
  assert.ok(lines.some((line) => /\.sst/.test(line) && /offset/.test(line)), server.log)
  await ada.must('POST', house.tokensPath.replace('/tokens', '/resource-servers'), { name: 'Another API' })
  await server.stop()

  const found = await tally('replay', '--check', '--data-dir', dataFolder)
  assert.equal(found.status, 5)
  assert.match(found.stdout, /token\s+unreadable/)
  assert.equal((await tally('replay', '--data-dir', dataFolder)).status, 0)
  assert.equal((await tally('replay', '--check', '--data-dir', dataFolder)).status, 0)
  const repaired = await Server.start({ dataFolder })
  assert.equal((await refresh(repaired, house, generated.refresh_token)).status, 200)
  await repaired.stop()
})

test('a row file that is gone: no start, and a new folder from the log', async () => {
  const { dataFolder, house, generated } = await settledFolder('gone')
  for (const file of await filesOf(dataFolder, 'token@1')) await rm(file)
  await assert.rejects(Server.start({ dataFolder }), /ended \(5\)/)
  assert.equal((await tally('replay', '--data-dir', dataFolder)).status, 5)

  const into = join(folder, 'anew')
  const made = await tally('replay', '--data-dir', dataFolder, '--into', into)
  assert.equal(made.status, 0, made.stderr)
  assert.match(made.stdout, /are those that the checkpoint names/)
  assert.doesNotMatch(made.stdout, /could not be read/)
  const twice = await tally('replay', '--data-dir', dataFolder, '--into', into)
  assert.equal(twice.status, 1)
  assert.match(twice.stderr, /is there already/)
  assert.equal((await tally('replay', '--check', '--data-dir', into)).status, 0)

  const server = await Server.start({ dataFolder: into })
  assert.equal((await refresh(server, house, generated.refresh_token)).status, 200)
  await again(server, house, 'ada')
  await server.stop()
})

test('a log that is not whole: nothing is made, and nothing is left of it', async () => {
  const { dataFolder } = await settledFolder('log')
  for (const file of await filesOf(dataFolder, 'log')) await flipBit(file, 200)
  const into = join(folder, 'nothing')
  const made = await tally('replay', '--data-dir', dataFolder, '--into', into)
  assert.equal(made.status, 5, made.stdout)
  assert.deepEqual((await readdir(folder)).filter((name) => name.startsWith('nothing')), [])
})
