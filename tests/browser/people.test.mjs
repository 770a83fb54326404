// The first visit, sessions, accounts, and what an admin and the operator do for others.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { dialog, eventually, furnish, heading, holdAnswers, launch, names, OPERATOR_PASSWORD, PASSWORD, Server, Visitor } from './support.mjs'

let server, browser, world

before(async () => {
  server = await Server.start()
  browser = await launch()
  world = await furnish(server)
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function visit(person, options, use) {
  const visitor = await Visitor.open(browser, server, options)
  if (person) await visitor.arrive(person)
  await use(visitor.page, visitor)
  await visitor.close()
}

/** Somebody new, signed in; in no workspace. */
async function newcomer(username, displayName) {
  const user = await world.operator.must('POST', '/v1/users', { username, display_name: displayName, password: PASSWORD })
  return Object.assign(await server.signIn(username), { user })
}

/** A server that nobody has set up yet. */
async function visitFresh(use) {
  const fresh = await Server.start()
  try {
    const visitor = await Visitor.open(browser, fresh)
    await use(visitor.page, visitor, fresh)
    await visitor.close()
  } finally {
    await fresh.stop()
  }
}

test('the operator’s first visit: a workspace, a person, a role', () => visitFresh(async (page, visitor, fresh) => {
  await visitor.signIn('operator', OPERATOR_PASSWORD, '/')
  await eventually(() => page.locator('.setup h1').textContent(), 'Set up Tally')
  await page.getByLabel('Workspace name').fill('Payments')
  await page.getByRole('button', { name: 'Next' }).dblclick()
  await eventually(() => page.locator('.setup h1').textContent(), 'Who will run it?')
  // A second click that comes late is on a choice of this step.
  await page.getByLabel('Somebody else').check()
  await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace')
  await page.getByLabel('Username').fill('ada')
  await page.getByRole('button', { name: 'Make one up' }).click()
  const password = await page.getByRole('textbox', { name: 'First password' }).inputValue()
  assert.match(password, /^[0-9a-f]{24}$/)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('What may Ada Lovelace do in Payments?').waitFor()
  await page.getByRole('button', { name: 'Finish' }).click()
  await page.getByText('Ada Lovelace can sign in now as ada.').waitFor()
  const workspaces = await (await fresh.signIn('operator', OPERATOR_PASSWORD)).must('GET', '/v1/workspaces')
  assert.deepEqual(workspaces.items.map(({ name }) => name), ['Payments'], 'a double click made two')
  await page.getByRole('button', { name: 'Sign in as Ada Lovelace' }).click()
  await page.locator('input[autocomplete=username]').fill('ada')
  await page.locator('input[autocomplete=current-password]').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await eventually(() => heading(page).textContent(), 'API tokens')
  await page.getByText('No API tokens yet, Ada Lovelace').waitFor()
}))

test('the operator can run the first workspace alone', () => visitFresh(async (page, visitor) => {
  await visitor.signIn('operator', OPERATOR_PASSWORD)
  await page.getByLabel('Workspace name').fill('Mine')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('I will').check()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Finish' }).click()
  await page.getByRole('button', { name: 'Open the workspace' }).click()
  await eventually(() => heading(page).textContent(), 'API tokens')
}))

describe('sessions', () => {
  test('a wrong password is refused in plain words, whoever it is', () => visit(undefined, {}, async (page, visitor) => {
    visitor.expect(/status of 401/)
    await page.goto('/app')
    for (const username of ['ada', 'nobody-of-that-name']) {
      await page.getByLabel('Username').fill(username)
      await page.getByLabel('Password').fill('not-the-password')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').getByText('Wrong username or password.').waitFor()
    }
  }))

  test('signing in leads to where one wanted to go', () => visit(undefined, {}, async (page, visitor) => {
    await visitor.signIn('ada', PASSWORD, `/app/${world.workspace.id}/members`)
    await eventually(() => heading(page).textContent(), 'Members')
    const cookies = await visitor.context.cookies()
    assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [['tally_session', true, 'Strict']])
    assert.equal(await page.evaluate(() => document.cookie), '')
  }))

  test('signing out ends the session everywhere: in the other tab, on the server, on the way back', () => visit(undefined, {}, async (page, visitor) => {
    await visitor.signIn('ada')
    await page.locator('main h1').waitFor()
    const [cookie] = await visitor.context.cookies()
    const other = await visitor.newPage()
    await other.goto(`/app/${world.workspace.id}/members`)
    await eventually(() => heading(other).textContent(), 'Members')
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
    await other.getByRole('heading', { name: 'Welcome back' }).waitFor()
    assert.equal(await other.getByText('Grace Hopper').count(), 0)
    assert.deepEqual(await visitor.context.cookies(), [])
    const answer = await fetch(`${server.url}/v1/session`, { headers: { cookie: `${cookie.name}=${cookie.value}` } })
    assert.equal(answer.status, 401)
    await page.goto('about:blank')
    await page.goBack()
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
  }))

  test('what was asked before the sign-out does not bring the page back', () => visit(undefined, {}, async (page, visitor) => {
    await visitor.signIn('ada')
    await page.locator('main h1').waitFor()
    const letGo = await holdAnswers(page, '**/v1/session')
    const late = page.waitForResponse((response) => response.url().endsWith('/v1/session') && response.request().method() === 'GET')
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
    letGo()
    await (await late).finished()
    assert.equal(await page.locator('.shell').count(), 0)
  }))

  test('a session that ended elsewhere asks for a new one, and goes on there', async () => {
    const person = await server.signIn('grace')
    await visit(person, {}, async (page, visitor) => {
      visitor.expect(/status of 401/)
      await page.goto(`/app/${world.workspace.id}/policy`)
      await eventually(() => heading(page).textContent(), 'Policy')
      await person.must('DELETE', '/v1/session')
      await page.getByRole('link', { name: 'API tokens' }).click()
      await page.getByText('Your session has ended.').waitFor()
      await page.getByLabel('Username').fill('grace')
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await eventually(() => heading(page).textContent(), 'API tokens')
    })
  })

  test('one’s own password: the current one is needed, and other sessions end', async () => {
    const person = await newcomer('alan', 'Alan Turing')
    await visit(person, {}, async (page, visitor) => {
      visitor.expect(/status of 40[01]/)
      await page.getByRole('button', { name: 'Account' }).click()
      await page.getByRole('menuitem', { name: 'Change password' }).click()
      await dialog(page).getByLabel('Current password').fill('not-the-password')
      await dialog(page).getByLabel('New password').fill('another-long-password')
      await dialog(page).getByRole('button', { name: 'Change password' }).click()
      await dialog(page).locator('.field-error', { hasText: 'is not the current password' }).waitFor()
      await dialog(page).getByLabel('Current password').fill(PASSWORD)
      await dialog(page).getByRole('button', { name: 'Change password' }).click()
      await page.getByText('Password changed.').waitFor()
    })
    assert.equal((await person.send('POST', '/v1/session', { username: 'alan', password: PASSWORD })).status, 401)
  })
})

describe('preferences', () => {
  test('theme and language stay, and are all that stays', () => visit(world.ada, {}, async (page) => {
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitemradio', { name: 'Dark' }).click()
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitemradio', { name: '简体中文' }).click()
    await eventually(() => heading(page).textContent(), 'API 令牌')
    await page.reload()
    await eventually(() => heading(page).textContent(), 'API 令牌')
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]), ['zh-Hans', 'dark'])
    assert.deepEqual(await page.evaluate(() => Object.keys({ ...localStorage, ...sessionStorage }).sort()), ['tally.language', 'tally.theme', 'tally.workspace'])
  }))

  test('the browser’s language and theme are taken first', () => visit(world.ada, { language: 'zh', theme: 'dark' }, async (page) => {
    await eventually(() => heading(page).textContent(), 'API 令牌')
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
  }))
})

test('with the keyboard alone: in, around, generate, menu, out', () => visit(undefined, {}, async (page, visitor) => {
  visitor.expect(/status of 401/)
  await page.goto('/app')
  await page.locator('input[autocomplete=username]:focus').waitFor()
  const type = (text) => page.keyboard.type(text)
  const press = (key) => page.keyboard.press(key)
  await type('ada')
  await press('Tab')
  await type(PASSWORD)
  await press('Enter')
  await eventually(() => heading(page).textContent(), 'API tokens')
  await press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content')
  await press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main')
  await press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Generate')
  await press('Enter')
  await dialog(page).waitFor()
  await type('by keyboard')
  await press('Enter')
  await dialog(page).getByText('“by keyboard” is ready').waitFor()
  for (let steps = 0; steps < 30; steps += 1) {
    if (await page.evaluate(() => document.activeElement.textContent === 'Close')) break
    await press('Tab')
  }
  await press('Enter')
  await eventually(() => names(page), ['by keyboard'])
  await eventually(() => page.evaluate(() => document.activeElement.textContent.trim()), 'Generate')
  await page.getByRole('button', { name: 'Actions for by keyboard' }).focus()
  await press('ArrowDown')
  await eventually(() => page.evaluate(() => document.activeElement.textContent), 'Details')
  await press('ArrowDown')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Disable')
  await press('End')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Delete')
  await press('ArrowDown')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Details')
  await press('Escape')
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Actions for by keyboard')
  await press('Enter')
  await eventually(() => page.evaluate(() => document.activeElement.textContent), 'Details')
  await press('End')
  await press('Enter')
  await dialog(page).waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Cancel', 'what can not be undone is not a key away')
  await press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
}))

describe('an admin', () => {
  test('changes the policy within its bounds', () => visit(world.ada, {}, async (page) => {
    await page.getByRole('link', { name: 'Policy' }).click()
    await page.getByLabel('Longest lifetime in days').fill('400')
    await page.getByText('Must be a whole number from 1 to 365.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Save' }).isDisabled(), true)
    await page.getByLabel('Longest lifetime in days').fill('30')
    await page.getByLabel('Allowed scopes').fill('orders:read\norders:write')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Policy saved.').waitFor()
    const policy = await world.ada.must('GET', `${world.path}/policy`)
    assert.deepEqual([policy.max_lifetime_days, policy.allowed_scopes], [30, ['orders:read', 'orders:write']])
  }))

  test('changes a role, removes a member and adds them again by their id', () => visit(world.ada, {}, async (page) => {
    await page.getByRole('link', { name: 'Members' }).click()
    await page.getByLabel('Role of Edith Clarke').selectOption('member')
    await page.getByText('Edith Clarke is now: Member.').waitFor()
    await page.locator('tr', { hasText: 'Edith Clarke' }).getByRole('button', { name: 'Remove' }).click()
    await dialog(page).getByText('All their tokens in this workspace are disabled at once').waitFor()
    await dialog(page).getByRole('button', { name: 'Remove' }).click()
    await dialog(page).locator('footer').getByRole('button', { name: 'Close' }).click()
    await eventually(() => page.locator('td.name').allTextContents(), ['Ada Lovelace', 'Grace Hopper'])
    await page.getByRole('button', { name: 'Add a member' }).click()
    await dialog(page).getByLabel('Person ID').fill(world.edith.user.id)
    await dialog(page).getByLabel('Role').selectOption('auditor')
    await dialog(page).getByRole('button', { name: 'Add a member' }).click()
    await eventually(() => page.locator('td.name').allTextContents(), ['Ada Lovelace', 'Grace Hopper', 'Edith Clarke'])
  }))

  test('adds a resource server, whose secret is shown once', () => visit(world.ada, {}, async (page) => {
    await page.getByRole('link', { name: 'Resource servers' }).click()
    await page.getByText('No resource servers yet').waitFor()
    await page.getByRole('button', { name: 'Add a resource server' }).first().click()
    await dialog(page).getByLabel('Name').fill('Orders API')
    await dialog(page).getByRole('button', { name: 'Add a resource server' }).click()
    await dialog(page).getByText('“Orders API” is ready').waitFor()
    const secret = await dialog(page).locator('.secret code').textContent()
    assert.match(secret, /^tls_/)
    await dialog(page).getByRole('button', { name: 'Close' }).click()
    await page.locator('td.name', { hasText: 'Orders API' }).waitFor()
    assert.ok(!(await page.content()).includes(secret))
    await page.getByRole('button', { name: 'Remove' }).click()
    await dialog(page).getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No resource servers yet').waitFor()
  }))
})

describe('the operator', () => {
  test('makes a person, sets a password and deactivates', () => visit(world.operator, {}, async (page, visitor) => {
    visitor.expect(/status of 409/)
    await eventually(() => heading(page).textContent(), 'Workspaces')
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByRole('button', { name: 'New person' }).click()
    await dialog(page).getByLabel('Name', { exact: true }).fill('Hedy Lamarr')
    await dialog(page).getByLabel('Username').fill('ada')
    await dialog(page).getByRole('textbox', { name: 'First password' }).fill(PASSWORD)
    await dialog(page).getByRole('button', { name: 'New person' }).click()
    await dialog(page).getByRole('alert').getByText('It exists already').waitFor()
    await dialog(page).getByLabel('Username').fill('hedy')
    await dialog(page).getByRole('button', { name: 'New person' }).click()
    await page.getByText('Hedy Lamarr can sign in now.').waitFor()
    await server.signIn('hedy')
    await page.getByRole('button', { name: 'Actions for Hedy Lamarr' }).click()
    await page.getByRole('menuitem', { name: 'Set password' }).click()
    await dialog(page).getByRole('textbox', { name: 'First password' }).fill('yet-another-password')
    await dialog(page).getByRole('button', { name: 'Set password' }).click()
    await page.getByText('Hedy Lamarr has a new password.').waitFor()
    await server.signIn('hedy', 'yet-another-password')
    await page.getByRole('button', { name: 'Actions for Hedy Lamarr' }).click()
    await page.getByRole('menuitem', { name: 'Deactivate' }).click()
    await dialog(page).getByRole('button', { name: 'Deactivate' }).click()
    await dialog(page).locator('footer').getByRole('button', { name: 'Close' }).click()
    await eventually(() => page.locator('tr', { hasText: 'Hedy Lamarr' }).locator('.badge').textContent(), 'Deactivated')
  }))

  test('opens a workspace and adds a member to it from the list', () => visit(world.operator, {}, async (page) => {
    await page.getByRole('button', { name: 'New workspace' }).click()
    await dialog(page).getByLabel('Workspace name').fill('Billing')
    await dialog(page).getByRole('button', { name: 'New workspace' }).click()
    await eventually(() => heading(page).textContent(), 'Members')
    await page.getByRole('button', { name: 'Add a member' }).first().click()
    await dialog(page).getByLabel('Person').selectOption({ label: 'Grace Hopper (grace)' })
    await dialog(page).getByLabel('Role').selectOption('admin')
    await dialog(page).getByRole('button', { name: 'Add a member' }).click()
    await eventually(() => page.locator('td.name').allTextContents(), ['Grace Hopper'])
    assert.equal(await page.getByRole('link', { name: 'API tokens' }).count(), 0, 'no power over tokens unless a member')
  }))

  test('and whoever is in several workspaces chooses', async () => {
    const person = await newcomer('barbara', 'Barbara Liskov')
    await world.operator.must('PUT', `${world.path}/members/${person.user.id}`, { role: 'member' })
    const { id } = await world.operator.must('POST', '/v1/workspaces', { name: 'Shipping' })
    await world.operator.must('PUT', `/v1/workspaces/${id}/members/${person.user.id}`, { role: 'admin' })
    await visit(person, {}, async (page) => {
      await page.getByRole('button', { name: 'Choose a workspace' }).click()
      await page.getByRole('menuitemradio', { name: 'Shipping' }).click()
      await eventually(() => page.locator('.workspace-name').textContent(), 'Shipping')
      await page.getByRole('link', { name: 'Members' }).waitFor()
      await eventually(() => page.evaluate(() => localStorage.getItem('tally.workspace')), id)
      await page.goto('/app')
      await eventually(() => page.locator('.workspace-name').textContent(), 'Shipping')
    })
  })

  test('somebody without a workspace is told what to do', async () => {
    await visit(await newcomer('lone', 'Lone Wolf'), {}, async (page, visitor) => {
      visitor.expect(/status of 404/)
      await page.getByText('You are in no workspace yet').waitFor()
      await page.goto(`/app/${world.workspace.id}/tokens`)
      await page.getByRole('heading', { name: 'No such workspace' }).waitFor()
    })
  })
})
