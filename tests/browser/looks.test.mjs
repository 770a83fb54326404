// How the pages look, to eyes, to a screen reader and to the browser's policy: every page and dialog in both themes and languages, on a
// desk and on a phone. Leaves pictures in TALLY_PICTURES, if it is set; those in docs/pages are made so:
//   TALLYD=build/release/bin/tallyd TALLY_PICTURES=docs/pages node --test tests/browser/looks.test.mjs
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { smallPicture } from './picture.mjs'
import { AXE_PATH, dialog, eventually, furnish, heading, launch, names, OPERATOR_PASSWORD, PASSWORD, Server, Visitor } from './support.mjs'

const PICTURES = process.env.TALLY_PICTURES
const PICTURE_BYTES_MAX = 60 * 1024

let server, fresh, browser, world, axe, robot

before(async () => {
  server = await Server.start()
  fresh = await Server.start()
  browser = await launch()
  axe = await readFile(AXE_PATH, 'utf8')
  if (PICTURES) await mkdir(PICTURES, { recursive: true })
  world = await furnish(server)
  await furnishRichly()
})

after(async () => {
  await browser?.close()
  await server?.stop()
  await fresh?.stop()
})

/** A workspace as it looks after a while: tokens of several people, refreshed, used, disabled. */
async function furnishRichly() {
  const policy = { max_lifetime_days: 180, who_may_generate: 'members', max_active_tokens_per_user: 100, access_token_seconds: 3600, refresh_retry_seconds: 60, allowed_scopes: ['orders:read', 'orders:write', 'invoices:read'] }
  await world.ada.must('PUT', `${world.path}/policy`, policy)
  const { id, secret } = await world.ada.must('POST', `${world.path}/resource-servers`, { name: 'Orders API' })
  const people = [['ada', 'staging deploy', 90], ['grace', 'ci runner', 14], ['ada', 'metrics scraper', 180], ['grace', 'phone', 7], ['ada', 'laptop', 30], ['ada', 'nightly export', 60], ['ada', 'build robot', 90]]
  for (const [person, name, days] of people) {
    const made = await world[person].must('POST', `${world.path}/tokens`, { name, lifetime_days: days, scope: 'orders:read orders:write' })
    if (name === 'laptop') await world.ada.must('POST', `${world.path}/tokens/${made.token.id}:disable`, { reason: 'lost on the train', access: 'revoke' })
    if (!['ci runner', 'build robot', 'metrics scraper'].includes(name)) continue
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: world.workspace.id, refresh_token: made.refresh_token })
    const { access_token: token } = await (await fetch(`${server.url}/oauth2/token`, { method: 'POST', body })).json()
    await fetch(`${server.url}/oauth2/introspect`, { method: 'POST', body: new URLSearchParams({ token }), headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` } })
    if (name === 'build robot') robot = made.token
  }
}

/** No serious finding of axe-core on what is shown now. */
async function check(page, what) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`).join(' | ')}`)
  assert.deepEqual(told, [], what)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(overflow <= 0, `${what}: the page is ${overflow} pixels too wide`)
}

/** `of`: the part of the page that is pictured; absent: all that can be seen. */
async function picture(page, name, of = page) {
  await page.mouse.move(0, 0)
  const png = smallPicture(await of.screenshot())
  assert.ok(png.length <= PICTURE_BYTES_MAX, `${name}.png has ${png.length} bytes`)
  if (PICTURES) await writeFile(join(PICTURES, `${name}.png`), png)
}

/** Every page that somebody in the workspace can see, one after the other; `show` looks at each. */
async function walk(visitor, show) {
  const { page } = visitor
  const at = (...below) => page.goto(`/app/${world.workspace.id}/${below.join('/')}`)
  await at('tokens')
  await page.locator('table.tokens').waitFor()
  await show('tokens')
  const { length: tokens } = await names(page)
  await page.locator('.page-actions .button.primary').click()
  await dialog(page).locator('input[type=text]').fill('release pipeline')
  await show('generate')
  await dialog(page).locator('.button.primary').click()
  await dialog(page).locator('.secret').first().waitFor()
  await show('secrets')
  await dialog(page).locator('footer .button').click()
  // The list as it is with the new token: until then it is pale, and its rows move.
  await eventually(async () => (await names(page)).length, tokens + 1)
  await page.locator('td.actions button').first().click()
  await page.locator('[role=menu]').waitFor()
  await show('menu')
  await page.keyboard.press('Escape')
  await page.locator('.account-button').click()
  await show('account')
  await page.keyboard.press('Escape')
  await at('all-tokens')
  await page.locator('table.tokens').waitFor()
  for (const row of [1, 2]) await page.locator('td.choose input').nth(row).check()
  await show('all-tokens')
  await page.locator('.bulk .button').first().click()
  await dialog(page).locator('form').waitFor()
  await show('disable')
  await dialog(page).locator('.button').first().click()
  await page.locator('.page-actions .button').click()
  await dialog(page).locator('[data-count]').waitFor()
  await show('cut-off')
  await page.keyboard.press('Escape')
  await at('tokens', robot.id)
  await page.locator('.event').first().waitFor()
  await show('details')
  await at('audit')
  await page.locator('.event').first().waitFor()
  await page.locator('rect.bar').first().waitFor()
  await page.locator('.page-actions .button').first().click()
  await page.locator('section.live .badge.good').waitFor()
  await world.grace.must('POST', `${world.path}/tokens`, { name: 'seen as it happens', lifetime_days: 1 })
  await page.locator('section.live .event').first().waitFor()
  await page.locator('section.ledger code').waitFor()
  await show('audit')
  await page.locator('.page-actions .button').nth(1).click()
  await dialog(page).locator('.choice').first().waitFor()
  await show('export')
  await page.keyboard.press('Escape')
  for (const [name, ready] of [['policy', 'textarea'], ['members', 'tbody tr'], ['resource-servers', 'tbody tr'], ['nowhere', '.empty']]) {
    await at(name)
    await page.locator(`main ${ready}`).first().waitFor()
    await show(name)
  }
}

/** Blots out what a picture must not show, even of a server that is gone. */
const blot = (page) => page.evaluate(() => {
  for (const code of document.querySelectorAll('.secret code')) code.textContent = `${code.textContent.slice(0, 4)}${'•'.repeat(46)}`
  for (const line of document.querySelectorAll('.command pre')) line.textContent = line.textContent.replace(/(tlr_)\w+/, `$1${'•'.repeat(46)}`)
})

const PICTURED = { tokens: 'tokens', generate: 'generate', secrets: 'secrets', disable: 'disable', 'cut-off': 'cut-off', details: 'details', audit: 'audit', export: 'export' }

for (const [language, theme] of [['en', 'light'], ['zh', 'dark']]) {
  test(`every page and dialog, ${language}, ${theme}`, async () => {
    const visitor = await Visitor.open(browser, server, { language, theme, viewport: { width: 1180, height: 760 } })
    await visitor.arrive(world.ada)
    await walk(visitor, async (name) => {
      await check(visitor.page, `${name}, ${language}, ${theme}`)
      if (name === 'secrets') await blot(visitor.page)
      if (language === 'en' && PICTURED[name]) await picture(visitor.page, PICTURED[name])
      if (language === 'en' && name === 'audit') await picture(visitor.page, 'ledger', visitor.page.locator('section.ledger'))
      if (language === 'zh' && name === 'all-tokens') await picture(visitor.page, 'all-tokens-dark-zh')
    })
    await visitor.close()
  })

  test(`sign-in, set-up and the operator’s pages, ${language}, ${theme}`, async () => {
    const visitor = await Visitor.open(browser, fresh, { language, theme, viewport: { width: 1180, height: 760 } })
    const { page } = visitor
    visitor.expect(/status of 401/)
    await page.goto('/')
    await page.locator('.sign-in form').waitFor()
    await check(page, `sign-in, ${language}, ${theme}`)
    if (language === 'en') await picture(page, 'sign-in')
    await visitor.signIn('operator', OPERATOR_PASSWORD)
    if (language === 'en') {
      await page.locator('.setup form').waitFor()
      await check(page, `set-up, ${language}, ${theme}`)
      await page.getByLabel('Workspace name').fill('Payments')
      await page.getByRole('button', { name: 'Next' }).click()
      await page.locator('.choices').waitFor()
      await check(page, `set-up, the person, ${language}, ${theme}`)
      await picture(page, 'setup')
    } else {
      await (await fresh.signIn('operator', OPERATOR_PASSWORD)).must('POST', '/v1/workspaces', { name: 'Refunds' })
    }
    for (const name of ['people', 'workspaces']) {
      await page.goto(`/app/${name}`)
      await page.locator('main tbody tr').first().waitFor()
      await check(page, `${name}, ${language}, ${theme}`)
    }
    await visitor.close()
  })
}

/** Somebody who alone runs a workspace and has tokens in another, and is about to leave. */
async function leaver(username, displayName) {
  const user = await world.operator.must('POST', '/v1/users', { username, display_name: displayName, email: `${username}@example.org`, password: PASSWORD })
  await world.operator.must('PUT', `${world.path}/members/${user.id}`, { role: 'member' })
  const { id } = await world.operator.must('POST', '/v1/workspaces', { name: 'Shipping' })
  await world.operator.must('PUT', `/v1/workspaces/${id}/members/${user.id}`, { role: 'admin' })
  const person = await server.signIn(username)
  for (const name of ['invoice sync', 'label printer']) await person.must('POST', `${world.path}/tokens`, { name, lifetime_days: 30 })
  return user
}

for (const [language, theme, viewport, who] of [
  ['en', 'light', { width: 1180, height: 760 }, 'Hedy Lamarr'],
  ['zh', 'dark', { width: 1180, height: 760 }, 'Alan Turing'],
  ['zh', 'light', { width: 390, height: 780 }, 'Joan Clarke'],
]) {
  test(`people, what they are to the server, and who leaves, ${language}, ${theme}, ${viewport.width} pixels`, async () => {
    const username = who.split(' ')[0].toLowerCase()
    const { id } = await leaver(username, who)
    await world.operator.must('POST', `/v1/users/${world.edith.user.id}:setOperator`, { standing: 'auditor' })
    await world.operator.must('POST', `/v1/users/${id}:setOperator`, { standing: 'operator' })
    const visitor = await Visitor.open(browser, server, { language, theme, viewport })
    const { page } = visitor
    const look = (name) => check(page, `${name}, ${language}, ${theme}, ${viewport.width}`)
    const choose = async (index) => {
      await page.locator('tr', { hasText: who }).locator('td.actions button').click()
      await page.locator('[role=menuitem]').nth(index).click()
      await dialog(page).locator('form').waitFor()
    }
    await visitor.arrive(world.operator, '/app/people')
    await page.locator('td.name .badge').first().waitFor()
    await look('people')
    await choose(0)
    await look('standing')
    if (language === 'en') await picture(page, 'standing')
    await page.keyboard.press('Escape')
    await choose(2)
    await look('deactivate')
    await dialog(page).locator('.button.danger').click()
    await dialog(page).locator('.note li a', { hasText: 'Shipping' }).waitFor()
    await look('deactivated')
    if (language === 'en') await picture(page, 'deactivated')
    await dialog(page).locator('footer .button').click()
    await page.locator('tr', { hasText: who }).locator('.badge.bad').waitFor()
    await choose(0)
    await look('reactivate')
    await page.goto(`/app/${world.workspace.id}/members`)
    await page.locator('tr', { hasText: 'Ada Lovelace' }).locator('td.actions button').click()
    await dialog(page).locator('.note.warn').waitFor()
    await look('remove')
    await visitor.close()
    await visitAuditor(language, theme, viewport)
  })
}

async function visitAuditor(language, theme, viewport) {
  const visitor = await Visitor.open(browser, server, { language, theme, viewport })
  const { page } = visitor
  await visitor.arrive(world.edith, '/app/people')
  for (const target of ['people', 'workspaces', ...['all-tokens', 'members', 'resource-servers', 'audit'].map((name) => `${world.workspace.id}/${name}`)]) {
    await page.goto(`/app/${target}`)
    await page.locator('main tbody tr:visible, main .event:visible').first().waitFor()
    await check(page, `the server auditor: ${target}, ${language}, ${theme}, ${viewport.width}`)
  }
  await visitor.close()
}

test('on a phone nothing is cut off, and the navigation is a drawer', async () => {
  const visitor = await Visitor.open(browser, server, { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 })
  await visitor.arrive(world.ada)
  const { page } = visitor
  await walk(visitor, async (name) => {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(overflow <= 0, `${name}: the page is ${overflow} pixels too wide`)
    if (name === 'tokens') await picture(page, 'phone')
  })
  await page.goto(`/app/${world.workspace.id}/tokens`)
  await page.locator('table.tokens').waitFor()
  assert.equal(await page.locator('nav.side').isVisible(), false)
  await page.getByRole('button', { name: 'Navigation' }).tap()
  await page.getByRole('link', { name: 'Audit' }).tap()
  await eventually(() => heading(page).textContent(), 'Audit')
  await page.locator('nav.side').waitFor({ state: 'hidden' })
  await check(page, 'audit, on a phone')
  await visitor.close()
})

test('the policy of the document stops what it should, and the browser says so', async () => {
  const visitor = await Visitor.open(browser, server)
  await visitor.arrive(world.ada)
  const { page } = visitor
  visitor.expect(/Content Security Policy|Trusted(HTML|Script| Type)|violates the following/)
  const ran = await page.evaluate(async () => {
    const stopped = []
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => stopped.push(effectiveDirective))
    const script = document.createElement('script')
    try {
      script.textContent = 'globalThis.ran = true'
    } catch {
      stopped.push('trusted types')
    }
    document.body.append(script)
    const style = document.createElement('style')
    style.textContent = 'main { display: none }'
    document.body.append(style)
    try {
      document.body.insertAdjacentHTML('beforeend', '<b>x</b>')
    } catch {
      stopped.push('trusted types')
    }
    await fetch('https://elsewhere.example/').catch(() => undefined)
    globalThis.stopped = stopped
    return { ran: globalThis.ran, shown: getComputedStyle(document.querySelector('main')).display }
  })
  assert.deepEqual(ran, { ran: undefined, shown: 'block' })
  const wanted = ['connect-src', 'style-src-elem', 'trusted types']
  const stopped = () => page.evaluate((all) => all.filter((one) => globalThis.stopped.includes(one)), wanted)
  await eventually(async () => [...(await stopped()), visitor.complaints.length > 0], [...wanted, true])
  await visitor.close()
})

test('every page can be reloaded, and what it loads is kept for ever', async () => {
  const visitor = await Visitor.open(browser, server)
  await visitor.arrive(world.ada)
  const { page } = visitor
  const responses = []
  page.on('response', (response) => responses.push(response))
  await page.goto(`/app/${world.workspace.id}/all-tokens?status=active`)
  await page.locator('table.tokens').waitFor()
  const before = await names(page)
  await page.reload()
  await eventually(() => names(page), before)
  const assets = responses.filter((response) => response.url().includes('/assets/'))
  assert.ok(assets.length > 0)
  for (const response of assets) assert.match(response.headers()['cache-control'] ?? '', /immutable/)
  const document = responses.find((response) => response.url().includes('/app/'))
  assert.equal(document.headers()['cache-control'], 'no-cache')
  assert.match(document.headers()['content-security-policy'], /default-src 'none'/)
  await visitor.close()
})
