// A disk that is full: stops are taken, reads go on, a start works, and everything comes back by itself.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { furnish, PERSON_PASSWORD, Server } from './support/server.mjs'

const MEBIBYTE = 1 << 20
const disk = mkdtempSync(join(tmpdir(), 'tally-disk-'))

/** A small file system of our own; who may not mount one can not try this. */
function mounted() {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const isMounted = mounted()
after(() => {
  if (isMounted) execFileSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

/** Others fill the disk until so many bytes are left; what they took before is theirs still. */
let fillers = 0
async function fillUpTo(left) {
  const { bavail, bsize } = await statfs(disk)
  const file = await open(join(disk, `filler-${fillers++}`), 'w')
  const block = Buffer.alloc(64 << 10, 1)
  try {
    // One block more where nothing is to be left: the server writes, too.
    for (let taken = 0; taken < bavail * bsize - left + (left ? 0 : block.length); taken += block.length) await file.write(block)
  } catch (error) {
    assert.equal(error.code, 'ENOSPC')
  } finally {
    await file.close()
  }
}
async function makeRoom() {
  while (fillers > 0) await rm(join(disk, `filler-${--fillers}`), { force: true })
}

/** Asks until it gives what is wanted: the disk is looked at once a second. */
async function eventually(ask, wanted) {
  const until = Date.now() + 10_000
  for (;;) {
    const found = await ask()
    if (found === wanted || Date.now() > until) return assert.equal(found, wanted)
  }
}
const readiness = (server) => server.ask(`${server.url}/readyz`).then((response) => response.status)

test('a full disk', { skip: isMounted ? false : 'no file system can be mounted here' }, async () => {
  const dataFolder = join(disk, 'data')
  let server = await Server.start({ dataFolder })
  const house = await furnish(server)
  const generate = (person, name) => person.request('POST', house.tokensPath, { name, lifetime_days: 30 })
  const disable = (person, made) => person.request('POST', `${house.tokensPath}/${made.token.id}:disable`, { access: 'revoke' })
  const tokens = []
  for (let index = 0; index < 6; ++index) tokens.push((await generate(house.ada, `robot ${index}`)).json)

  await fillUpTo(40 * MEBIBYTE)
  await eventually(() => readiness(server), 503)
  const unready = await (await server.ask(`${server.url}/readyz`)).json()
  assert.equal(unready.code, 'no_space')
  await eventually(async () => (await readiness(server), /nearly full/.test(server.log)), true)
  assert.equal((await generate(house.ada, 'no room')).status, 503)
  assert.equal((await disable(house.ada, tokens[0])).status, 200)

  await fillUpTo(0)
  assert.equal((await generate(house.ada, 'no room')).status, 503)
  const late = await server.signIn(house.ada.user.username, PERSON_PASSWORD)
  assert.equal((await disable(late, tokens[1])).status, 200)
  assert.equal((await late.request('GET', `${house.tokensPath}/${tokens[1].token.id}`)).json.status, 'disabled')
  const basic = Buffer.from(`${house.resourceServer.id}:${house.resourceServer.secret}`).toString('base64')
  const introspection = await server.ask(`${server.url}/oauth2/introspect`, {
    method: 'POST', headers: { authorization: `Basic ${basic}` }, body: new URLSearchParams({ token: tokens[2].access_token }),
  })
  assert.equal((await introspection.json()).active, true)

  await makeRoom()
  await eventually(() => readiness(server), 200)
  tokens.push((await generate(house.ada, 'room again')).json)
  await server.stop()

  // Filled while it was down: it starts, answers reads, and stops are taken.
  await fillUpTo(0)
  server = await Server.start({ dataFolder })
  assert.equal(await readiness(server), 503)
  const person = await server.signIn(house.ada.user.username, PERSON_PASSWORD)
  assert.equal((await person.request('GET', house.tokensPath)).status, 200)
  assert.equal((await disable(person, tokens[3])).status, 200)
  assert.equal((await generate(person, 'no room')).status, 503)
  await makeRoom()
  await eventually(() => readiness(server), 200)
  assert.equal((await generate(person, 'room again')).status, 201)
  await server.stop()
  execFileSync(process.env.TALLY, ['replay', '--check', '--data-dir', dataFolder])
})
