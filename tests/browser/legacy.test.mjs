// Tokens of the system before: imported by a file, listed by who still uses them.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { eventually, furnish, heading, launch, Server, Visitor } from './support.mjs'

let server, browser, world

before(async () => {
  server = await Server.start()
  browser = await launch()
  world = await furnish(server)
  const policy = await world.ada.must('GET', `${world.path}/policy`)
  await world.ada.must('PUT', `${world.path}/policy`, { ...policy, legacy_sunset_at: new Date(Date.now() + 30 * 86_400_000).toISOString() })
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

const hash = (text) => createHash('sha256').update(text).digest('hex')
const line = (text, owner, description) =>
  JSON.stringify({ hash: hash(text), owner, description, created: '2019-04-01T12:00:00Z', expires: new Date(Date.now() + 300 * 86_400_000).toISOString() })

test('an admin imports a file, sees what became of each line, and whose tokens are still used', async () => {
  const visitor = await Visitor.open(browser, server)
  const { page } = visitor
  await visitor.arrive(world.ada, `/app/${world.workspace.id}/legacy`)
  await eventually(() => heading(page).textContent(), 'Legacy tokens')
  const lines = [line('cron-secret', 'grace', 'cron of 2019'), line('x', 'nobody-of-that-name', 'stray'), 'not json', line('desk', 'ada', 'front desk')]
  await page.locator('input[type=file]').setInputFiles({ name: 'legacy.ndjson', mimeType: 'application/x-ndjson', buffer: Buffer.from(lines.join('\n')) })
  await page.getByRole('button', { name: 'Import the file' }).click()
  await eventually(() => page.locator('.results li').count(), 2)
  await eventually(async () => (await page.locator('tbody td.name').allTextContents()).sort(), ['cron of 2019', 'front desk'])

  // An API asks about the one that is still in use; the list says so.
  const api = await world.ada.must('POST', `${world.path}/resource-servers`, { name: 'Orders API' })
  const asked = await fetch(`${server.url}/oauth2/introspect`, {
    method: 'POST', body: new URLSearchParams({ token: 'cron-secret' }),
    headers: { authorization: `Basic ${Buffer.from(`${api.id}:${api.secret}`).toString('base64')}` } })
  assert.equal((await asked.json()).active, true)
  assert.ok(asked.headers.get('sunset'))
  await visitor.close()
})

test('an auditor reads the list and can not import', async () => {
  const imported = await fetch(`${server.url}${world.path}/legacy-tokens:import`, {
    method: 'POST', body: line('pager', 'grace', 'pager of 2018'),
    headers: { origin: server.url, cookie: world.ada.cookie, 'content-type': 'application/x-ndjson' } })
  assert.equal(imported.status, 200)
  const visitor = await Visitor.open(browser, server)
  await visitor.arrive(world.edith, `/app/${world.workspace.id}/legacy`)
  await visitor.page.locator('tbody td.name', { hasText: 'pager of 2018' }).waitFor()
  assert.equal(await visitor.page.locator('input[type=file]').count(), 0)
  await visitor.close()
})
