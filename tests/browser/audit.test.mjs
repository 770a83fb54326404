// The audit: search, live view, chart, export, timeline, and what appears only where the server offers it.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { copied, dialog, eventually, furnish, heading, holdAnswers, launch, Server, Visitor } from './support.mjs'

let server, browser, world, robot

before(async () => {
  server = await Server.start()
  browser = await launch()
  world = await furnish(server)
  // More events than stand on one page, below those that the tests look for.
  let { refresh_token: secret } = await world.ada.must('POST', `${world.path}/tokens`, { name: 'busy', lifetime_days: 9 })
  for (let count = 0; count < 55; count += 1) secret = (await (await refresh(secret)).json()).refresh_token
  robot = await world.ada.must('POST', `${world.path}/tokens`, { name: 'build robot', lifetime_days: 30 })
  await refresh(robot.refresh_token)
  const { token } = await world.grace.must('POST', `${world.path}/tokens`, { name: 'phone', lifetime_days: 3 })
  await world.grace.must('POST', `${world.path}/tokens/${token.id}:disable`, { reason: 'lost' })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

const refresh = (secret) =>
  fetch(`${server.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', client_id: world.workspace.id, refresh_token: secret }) })

async function visit(username, use) {
  const visitor = await Visitor.open(browser, server)
  await visitor.arrive(world[username], `/app/${world.workspace.id}/audit`)
  await use(visitor.page, visitor)
  await visitor.close()
}

const list = (page) => page.getByRole('region', { name: 'Events', exact: true })
const remarks = (page) => list(page).locator('.event-remark').allTextContents()
const titles = (page) => list(page).locator('.event-title strong').allTextContents()

test('the newest first, with who, when, from where and through what', () => visit('ada', async (page) => {
  await eventually(async () => (await titles(page)).slice(0, 4), ['Token disabled', 'Token generated', 'Token refreshed', 'Token generated'])
  const first = list(page).locator('.event').first()
  assert.match(await first.textContent(), /on request · lost.*grace · session · .* · the API · 127\.0\.0\.1/)
  await first.getByRole('button', { name: /Details of event/ }).click()
  await first.getByText('"reason": "lost"').waitFor()
  await first.getByRole('link', { name: 'Open the token' }).click()
  await eventually(() => heading(page).textContent(), 'phone')
}))

/** Events of the server as a whole, which no workspace has. */
const SERVER_TYPES = [
  'UserCreated', 'UserDeactivated', 'UserReactivated', 'PasswordChanged', 'SignedIn', 'SignInFailed', 'OperatorChanged', 'OperatorRecovered',
  'LedgerStarted', 'SigningKeyAdded', 'SigningKeyRetired', 'ClockAccepted', 'IssuerChanged', 'ClockAcceptanceCompleted',
  'LedgerVerified', 'LedgerRecovered', 'LedgerRestored',
]

test('every type that a workspace can have is in a group, and has words', () => visit('ada', async (page) => {
  const { components } = await (await fetch(`${server.url}/openapi.json`)).json()
  const wanted = components.schemas.EventType.enum.filter((type) => !SERVER_TYPES.includes(type)).sort()
  const options = page.getByLabel('What').locator('optgroup option')
  await eventually(async () => (await options.evaluateAll((all) => all.map(({ value }) => value))).filter((value) => /^[A-Z]/.test(value)).sort(), wanted)
  assert.deepEqual((await options.evaluateAll((all) => all.filter(({ value, textContent }) => value === textContent).map(({ value }) => value))), [])
}))

test('search by kind, person, token and time', () => visit('ada', async (page) => {
  await page.getByLabel('What').selectOption('TokenGenerated')
  await page.getByRole('button', { name: 'Search' }).click()
  await eventually(() => remarks(page), ['phone', 'build robot', 'busy'])
  // A choice once the people are known; until then a field.
  await page.getByRole('combobox', { name: 'By whom' }).selectOption({ label: 'Grace Hopper' })
  await page.getByRole('button', { name: 'Search' }).click()
  await eventually(() => remarks(page), ['phone'])
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByLabel('Token ID').fill(robot.token.id)
  await page.getByLabel('What').selectOption('issued')
  await page.getByRole('button', { name: 'Search' }).click()
  await eventually(() => remarks(page), ['build robot'])
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByLabel('Until').fill('2026-01-01T00:00')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByText('No events here').waitFor()
}))

test('live: what happens appears by itself, and no longer after it is stopped', () => visit('edith', async (page) => {
  await page.getByRole('button', { name: 'Watch live' }).click()
  const live = page.getByRole('region', { name: 'Live' })
  await live.getByText('connected').waitFor()
  await world.grace.must('POST', `${world.path}/tokens`, { name: 'seen at once', lifetime_days: 1 })
  await live.getByText('seen at once').waitFor()
  await page.getByRole('button', { name: 'Stop watching' }).click()
  await live.waitFor({ state: 'detached' })
}))

test('the chart counts today, and says the same as a table', () => visit('ada', async (page) => {
  const chart = page.getByRole('region', { name: 'Events per day' })
  await chart.locator('rect.bar.issued').waitFor()
  await chart.getByText('As a table').click()
  const { items } = await world.edith.must('GET', `${world.path}/events?type=TokenGenerated`)
  // More days than one if midnight has passed since the tests began.
  const issued = await chart.locator('tbody td:nth-of-type(1)').allTextContents()
  assert.equal(issued.reduce((sum, count) => sum + Number(count), 0), items.length)
  await chart.getByRole('button', { name: '7 days' }).click()
  await eventually(() => chart.getByRole('button', { name: '7 days' }).getAttribute('aria-pressed'), 'true')
}))

test('export: every format that the server offers, saved by the browser', () => visit('ada', async (page) => {
  await page.getByRole('button', { name: 'Export' }).click()
  const contract = await (await fetch(`${server.url}/openapi.json`)).json()
  const offered = contract.components.schemas.ExportFormat.enum
  await eventually(() => dialog(page).locator('.choice strong').allTextContents(), offered)
  await dialog(page).getByLabel('ndjson', { exact: false }).first().check()
  const [download] = await Promise.all([page.waitForEvent('download'), dialog(page).getByRole('link', { name: 'Export' }).click()])
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n')
  assert.equal(JSON.parse(lines[0]).type, 'WorkspaceCreated')
  assert.match(download.suggestedFilename(), /^ws_.*\.ndjson$/)
}))

test('a long history comes in pages', () => visit('ada', async (page) => {
  await list(page).locator('.event').nth(49).waitFor()
  await list(page).getByRole('button', { name: 'Older events' }).click()
  await list(page).locator('.event').nth(60).waitFor()
  const sequences = await list(page).locator('.event').evaluateAll((events) => events.map(({ dataset }) => Number(dataset.sequence)))
  assert.deepEqual(sequences, [...new Set(sequences)].sort((left, right) => right - left))
  await list(page).getByRole('link', { name: 'Open the token' }).last().click()
  await eventually(() => heading(page).textContent(), 'busy')
  await page.getByText('55 refreshes').waitFor()
}))

const noteOf = async () => {
  const response = await fetch(`${server.url}/v1/ledger/checkpoint`)
  const note = await response.text()
  const [origin, size, root] = note.split('\n')
  return { note, origin, size: Number(size), root, signedAt: response.headers.get('last-modified') }
}
const ledger = (page) => page.getByRole('region', { name: 'Ledger' })
/** The panel's fact with that name, as text. */
const fact = (page, name) => ledger(page).locator('dl.facts > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) }).locator('dd')
const numberIn = async (locator) => Number((await locator.textContent()).replaceAll(/[^\d]/g, ''))

test('the ledger grows with what happens: an action, a reload, and the checkpoint covers it', () => visit('ada', async (page) => {
  await ledger(page).getByText(new URL(server.url).host, { exact: true }).waitFor()
  const before = await numberIn(fact(page, 'Events'))
  assert.ok(before > 1)
  await world.grace.must('POST', `${world.path}/tokens`, { name: 'in the ledger', lifetime_days: 1 })
  const { sequence } = (await world.edith.must('GET', `${world.path}/events?type=TokenGenerated&order=newest&limit=1`)).items[0]
  assert.ok(sequence >= before)
  // The page shows that event, and asks until the checkpoint covers it.
  await page.reload()
  await eventually(async () => (await numberIn(fact(page, 'Events'))) > sequence, true)
}))

test('the ledger follows the live view, and is the API’s: size, root, origin, time, and the whole note', () => visit('edith', async (page) => {
  // That somebody looked is an event too: before the one that is followed.
  await list(page).locator('.event').first().waitFor()
  await page.getByRole('button', { name: 'Watch live' }).click()
  await page.getByRole('region', { name: 'Live' }).getByText('connected').waitFor()
  await world.grace.must('POST', `${world.path}/tokens`, { name: 'followed', lifetime_days: 1 })
  await page.getByRole('region', { name: 'Live' }).getByText('followed').waitFor()
  await eventually(async () => (await numberIn(fact(page, 'Events'))) === (await noteOf()).size, true)
  const told = await noteOf()
  await ledger(page).getByText(told.root, { exact: true }).waitFor()
  assert.equal(await fact(page, 'Origin').textContent(), told.origin)
  assert.equal(await fact(page, 'Last checkpoint').locator('time').getAttribute('datetime'), new Date(told.signedAt).toISOString())
  assert.equal(await copied(ledger(page), 'Root'), told.root)
  assert.equal(await copied(ledger(page), 'Signed note'), told.note)
}))

test('an older page that comes late is not shown below another search', () => visit('ada', async (page) => {
  const olderPage = /\/events\?.*before=/
  const letGo = await holdAnswers(page, olderPage)
  await list(page).locator('.event').nth(49).waitFor()
  const late = page.waitForResponse(olderPage)
  await list(page).getByRole('button', { name: 'Older events' }).click()
  await page.getByLabel('What').selectOption('TokenDisabled')
  await page.getByRole('button', { name: 'Search' }).click()
  await eventually(() => titles(page), ['Token disabled'])
  letGo()
  await (await late).finished()
  await page.waitForLoadState('networkidle')
  assert.deepEqual(await titles(page), ['Token disabled'])
}))

test('ledger, receipts and legacy tokens appear where the contract names them', () => visit('ada', async (page) => {
  // The build wrote into the document what the contract names. It stands there as another release would have it.
  let offered = false
  await page.route('**/app/**', async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replace(/&quot;(ledger|receipts|legacy)&quot;:(true|false)/g, `&quot;$1&quot;:${offered}`)
    await route.fulfill({ response, body })
  })
  const root = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY='
  await page.route('**/v1/ledger/checkpoint', (route) => route.fulfill({ contentType: 'text/plain', body: `tally.example/ledger\n1234\n${root}\n\n— tally.example c2ln\n` }))
  await page.reload()
  await list(page).locator('.event').first().waitFor()
  await page.waitForLoadState('networkidle')
  assert.equal(await ledger(page).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'Download the receipt' }).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'Legacy tokens' }).count(), 0)
  offered = true
  await page.reload()
  await ledger(page).getByText('1,234').waitFor()
  await ledger(page).getByText(root).waitFor()
  // The answer does not say when: that is left open, and nothing else is.
  assert.equal(await fact(page, 'Last checkpoint').textContent(), '–')
  const receipt = list(page).getByRole('link', { name: 'Download the receipt' }).first()
  assert.match(await receipt.getAttribute('href'), /^\/v1\/workspaces\/ws_\w+\/events\/\d+\/receipt$/)
  await page.getByRole('link', { name: 'Legacy tokens' }).waitFor()
}))

// Last: it generates and ends what others would count.
test('with what somebody acted: a session, a refresh token, an access token and whose it was', () => visit('ada', async (page) => {
  const policy = await world.ada.must('GET', `${world.path}/policy`)
  await world.ada.must('PUT', `${world.path}/policy`, { ...policy, allowed_scopes: ['orders:read', 'tally:tokens.write'] })
  const parent = await world.ada.must('POST', `${world.path}/tokens`, { name: 'factory', lifetime_days: 30, scope: 'orders:read tally:tokens.write' })
  const response = await fetch(`${server.url}${world.path}/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${parent.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'made by factory', lifetime_days: 1 }),
  })
  assert.equal(response.status, 201)
  const child = await response.json()
  await refresh(child.refresh_token)
  await page.reload()
  const lineOf = (index) => list(page).locator('.event-line').nth(index)
  await list(page).getByText('made by factory').waitFor()
  assert.match(await lineOf(0).textContent(), / · refresh token · .* · OAuth/)
  const { id } = parent.token
  const link = lineOf(1).getByRole('link', { name: `access token of ${id.slice(0, 4)}…${id.slice(-4)}` })
  assert.match(await lineOf(2).textContent(), /ada · session · .* · the API/)
  await list(page).locator('.event').nth(1).getByRole('button', { name: /Details of event/ }).click()
  await list(page).getByText(/^at_/).first().waitFor()
  await link.click()
  await eventually(() => heading(page).textContent(), 'factory')

  // The token that it generated says where it comes from, and ends with it.
  await world.ada.must('POST', `${world.path}/tokens/${id}:disable`, { access: 'revoke' })
  await page.goto(`/app/${world.workspace.id}/tokens/${child.token.id}`)
  await page.locator('dd', { hasText: 'the token that generated it was stopped' }).waitFor()
  await page.getByRole('link', { name: id }).click()
  await eventually(() => heading(page).textContent(), 'factory')
}))
