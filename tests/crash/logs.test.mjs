// A ledger with many small write-ahead logs is killed, or loses its power, before the n-th call that changes a file, again and again on one
// folder: it opens every time, whole, with everything that was acknowledged. What refuses damaged logs must refuse none of these.
// An anchored one also takes what a power cut has left behind the last batch as garbage.
// TALLY_KILLS sets the number, TALLY_SEED repeats a run.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const KILLS = Number(process.env.TALLY_KILLS ?? 20)
const OPENING_STEPS = 250 // About as many as an opening takes.
const STEPS_MAX = 1_800
const seed = Number(process.env.TALLY_SEED ?? Date.now() % 2 ** 31)
const skip = process.env.SANITIZED_SERVER ? 'a sanitizer must be the first library of its process' : false

/** mulberry32: small, and the same everywhere. */
function makeRandom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function write(folder, environment, turn) {
  const child = spawn(process.env.STORE_WRITER, [folder, String(turn)], {
    env: { ...process.env, LD_PRELOAD: process.env.FAIL_AT_LIBRARY, STEP_FOLDER: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (piece) => (out += piece))
  child.stderr.on('data', (piece) => (err += piece))
  const [code] = await once(child, 'close')
  const opened = /^opened (\d+)$/m.exec(out)
  const acknowledged = [...out.matchAll(/^(\d+)$/gm)].map(([, number]) => Number(number))
  return { code, err, opened: opened && Number(opened[1]), last: acknowledged.at(-1) }
}

for (const [what, environment] of [
  ['kills', {}],
  ['power cuts', { POWER_CUT: '1' }],
  ['kills of an anchored ledger', { ANCHOR: 'second' }],
  ['power cuts of an anchored ledger', { ANCHOR: 'second', POWER_CUT: '1' }],
  ['power cuts that leave garbage', { ANCHOR: 'batch', POWER_CUT: 'garbage' }],
  ['power cuts that leave garbage, between two syncs of the anchor', { ANCHOR: 'second', POWER_CUT: 'garbage' }],
]) {
  test(`${KILLS} ${what} over many logs: none is refused, and nothing is lost (TALLY_SEED=${seed})`, { skip }, async () => {
    const random = makeRandom(seed)
    const folder = await mkdtemp(join(tmpdir(), 'tally-logs-'))
    const found = { logs: 0, opening: 0, writing: 0, whole: 0 }
    let known = 0
    try {
      for (let turn = 0; turn < KILLS; turn += 1) {
        const step = 1 + Math.floor(random() * (turn % 3 === 0 ? OPENING_STEPS : STEPS_MAX))
        const { code, err, opened, last } = await write(join(folder, 'ledger'), { ...environment, DIE_AT_STEP: String(step) }, turn)
        assert.ok(code === null || code === 0, `turn ${turn}, step ${step}: ${code} ${err}`)
        found[code === 0 ? 'whole' : opened === null ? 'opening' : 'writing'] += 1
        if (opened !== null) assert.ok(opened >= known, `turn ${turn}: ${opened} commits, ${known} were acknowledged`)
        known = Math.max(known, opened ?? 0, last ?? 0)
        const names = await readdir(join(folder, 'ledger')).catch(() => [])
        const sizes = await Promise.all(names.filter((name) => name.endsWith('.log')).map((name) => stat(join(folder, 'ledger', name))))
        found.logs = Math.max(found.logs, sizes.filter(({ size }) => size > 0).length)
      }
      const { code, err, opened } = await write(join(folder, 'ledger'), {}, KILLS)
      assert.equal(code, 0, err)
      assert.ok(opened >= known)
      console.log(`seed ${seed}: ${JSON.stringify(found)}, ${known} commits`)
      assert.ok(found.logs >= 3 && found.opening > 0 && found.writing > 0, JSON.stringify(found))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}
