// What a request or an answer held is not in the server's memory any more once it is over.
import assert from 'node:assert/strict'
import { open, readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { Server, furnish } from './support/server.mjs'

const PIECE_BYTES = 1 << 20
const PASSWORD = 'a password that stands nowhere else'
let server
let house

/** How often each of `secrets` stands in the process's memory. */
async function copies(pid, secrets) {
  const found = Object.fromEntries(Object.keys(secrets).map((name) => [name, 0]))
  const memory = await open(`/proc/${pid}/mem`)
  const overlap = Math.max(...Object.values(secrets).map((secret) => secret.length)) - 1
  for (const line of (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n')) {
    const [, from, until] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
    if (!from) continue
    const end = Number.parseInt(until, 16)
    for (let at = Number.parseInt(from, 16); at < end; at += PIECE_BYTES) {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES + overlap, end - at))
      const { bytesRead } = await memory.read(piece, 0, piece.length, at).catch(() => ({ bytesRead: 0 }))
      for (const [name, secret] of Object.entries(secrets)) {
        for (let place = piece.indexOf(secret); place >= 0 && place < PIECE_BYTES && place < bytesRead; place = piece.indexOf(secret, place + 1)) ++found[name]
      }
    }
  }
  await memory.close()
  return found
}

/** A sanitizer keeps shadows of all memory, which nobody can read through. */
const skip = process.env.SANITIZED_SERVER ? 'not with a sanitizer' : false

before(async () => {
  server = await Server.start({ args: ['--core-dumps'] })
  house = await furnish(server)
})
after(() => server.stop())

test('passwords, refresh tokens and cookies are overwritten with the request', { skip }, async () => {
  const name = `margaret-${house.workspace.id.slice(-8)}`
  const user = await house.operator.must('POST', '/v1/users', { username: name, display_name: 'Margaret', password: PASSWORD })
  await house.operator.must('PUT', `/v1/workspaces/${house.workspace.id}/members/${user.id}`, { role: 'member' })
  const margaret = await server.signIn(name, PASSWORD)
  const generated = await margaret.must('POST', house.tokensPath, { name: 'laptop', lifetime_days: 30 })
  const refreshed = await server.fetch('/oauth2/token', { method: 'POST', body: new URLSearchParams({
    grant_type: 'refresh_token', refresh_token: generated.refresh_token, client_id: house.workspace.id }) })
  assert.equal(refreshed.status, 200)
  const pair = await refreshed.json()
  const used = await fetch(server.url + house.tokensPath, { headers: { authorization: `Bearer ${pair.access_token}` } })
  await used.arrayBuffer()
  const secrets = {
    password: PASSWORD, cookie: margaret.cookie.split('=')[1], spent: generated.refresh_token, refresh: pair.refresh_token, access: pair.access_token,
  }
  assert.deepEqual(await copies(server.process.pid, secrets), { password: 0, cookie: 0, spent: 0, refresh: 0, access: 0 })
})

test('the search finds what is there', { skip }, async () => {
  // The issuer is in memory for as long as the server is.
  assert.ok((await copies(server.process.pid, { issuer: server.url })).issuer > 0)
})
