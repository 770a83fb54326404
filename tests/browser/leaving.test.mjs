// What people are to the server; who leaves, what becomes of their access, and who comes back; the server auditor.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { dialog, eventually, furnish, heading, launch, PASSWORD, Server, Visitor } from './support.mjs'

let server, browser, world, api

before(async () => {
  server = await Server.start()
  browser = await launch()
  world = await furnish(server)
  api = await world.ada.must('POST', `${world.path}/resource-servers`, { name: 'Orders API' })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function visit(person, target, use) {
  const visitor = await Visitor.open(browser, server)
  await visitor.arrive(person, target)
  await use(visitor.page, visitor)
  await visitor.close()
}

/** Somebody new, signed in, with that role in the workspace. */
async function newcomer(username, displayName, role, workspace = world.workspace) {
  const user = await world.operator.must('POST', '/v1/users', { username, display_name: displayName, password: PASSWORD })
  if (role) await world.operator.must('PUT', `/v1/workspaces/${workspace.id}/members/${user.id}`, { role })
  return Object.assign(await server.signIn(username), { user })
}

const generate = (person) => person.must('POST', `${world.path}/tokens`, { name: 'robot', lifetime_days: 9 })

async function isActive(accessToken) {
  const authorization = `Basic ${Buffer.from(`${api.id}:${api.secret}`).toString('base64')}`
  const response = await fetch(`${server.url}/oauth2/introspect`, { method: 'POST', body: new URLSearchParams({ token: accessToken }), headers: { authorization } })
  return (await response.json()).active
}

const row = (page, name) => page.locator('tbody tr', { hasText: name })

async function choose(page, name, action) {
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: action, exact: true }).click()
}

/** The ends of access that the dialog tells, in its order: words and moment. */
async function ends(page) {
  await dialog(page).locator('dl.facts').waitFor()
  const told = await dialog(page).locator('dl.facts time').evaluateAll((times) => times.map((time) => ({ words: time.textContent, at: Date.parse(time.dateTime) })))
  assert.equal(told.length, 3)
  assert.ok(told[0].at <= told[1].at && told[1].at <= told[2].at + 60_000, JSON.stringify(told))
  return told
}

describe('an operator', () => {
  test('appoints another, and takes it back', async () => {
    const hedy = await newcomer('hedy', 'Hedy Lamarr')
    await visit(world.operator, '/app/people', async (page) => {
      await eventually(() => row(page, 'operator').locator('td.name .badge').textContent(), 'Break-glass')
      await choose(page, 'Hedy Lamarr', 'Change standing')
      await dialog(page).getByText('No power over tokens without a role in the workspace.').waitFor()
      assert.equal(await dialog(page).getByRole('button', { name: 'Save' }).isDisabled(), true, 'nothing is changed yet')
      await dialog(page).getByLabel('Operator', { exact: false }).first().check()
      await dialog(page).getByRole('button', { name: 'Save' }).click()
      await page.getByText('Hedy Lamarr is now: Operator.').waitFor()
      await eventually(() => row(page, 'Hedy Lamarr').locator('td.name .badge').textContent(), 'Operator')
    })
    assert.equal((await world.operator.must('GET', `/v1/users/${hedy.user.id}`)).standing, 'operator')
    await visit(hedy, '/app/people', async (page) => {
      await choose(page, 'Hedy Lamarr', 'Change standing')
      await dialog(page).getByLabel('No standing').check()
      await dialog(page).getByText('This is you. Only another operator can give it back.').waitFor()
      await dialog(page).getByRole('button', { name: 'Save' }).click()
      await page.getByText('You are in no workspace yet').waitFor()
      assert.equal(await page.getByRole('link', { name: 'People' }).count(), 0)
    })
  })

  test('can not take the last break-glass account away, and is told why', () => visit(world.operator, '/app/people', async (page, visitor) => {
    visitor.expect(/status of 409/)
    await choose(page, 'operator', 'Change standing')
    await dialog(page).getByLabel('No standing').check()
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await dialog(page).getByRole('alert').getByText('This is the last break-glass account').waitFor()
    await dialog(page).getByText('Give another active person this standing first.').waitFor()
    await page.keyboard.press('Escape')
    await eventually(() => row(page, 'operator').locator('td.name .badge').textContent(), 'Break-glass')
  }))

  test('deactivates: access ends now, in three steps that are told, and nothing but sign-in comes back', async () => {
    const alan = await newcomer('alan', 'Alan Turing', 'member')
    const { token, access_token: access } = await generate(alan)
    await generate(alan)
    assert.equal(await isActive(access), true)
    await visit(world.operator, '/app/people', async (page) => {
      await choose(page, 'Alan Turing', 'Deactivate')
      assert.equal(await dialog(page).getByLabel('End access tokens now').isChecked(), true)
      await dialog(page).getByLabel('Reason').fill('went to Manchester')
      await dialog(page).getByRole('button', { name: 'Deactivate' }).click()
      await dialog(page).getByRole('heading', { name: 'Alan Turing is deactivated' }).waitFor()
      assert.equal(await isActive(access), false)
      assert.deepEqual(await dialog(page).locator('.effects li').allTextContents(), ['2 tokens disabled', '1 session ended'])
      const [here, lists, everywhere] = await ends(page)
      assert.ok(here.at <= Date.now())
      assert.deepEqual([here, lists, everywhere].map(({ words }) => words.split(' ')[0]), ['since', 'by', 'by'])
      await dialog(page).locator('footer').getByRole('button', { name: 'Close' }).click()
      await eventually(() => row(page, 'Alan Turing').locator('.badge').allTextContents(), ['Deactivated'])

      assert.equal((await alan.send('POST', '/v1/session', { username: 'alan', password: PASSWORD })).status, 401)
      await choose(page, 'Alan Turing', 'Reactivate')
      await dialog(page).getByText('No token of theirs works again.').waitFor()
      await dialog(page).getByRole('button', { name: 'Reactivate' }).click()
      await page.getByText('Alan Turing can sign in again.').waitFor()
      await eventually(() => row(page, 'Alan Turing').locator('.badge').allTextContents(), ['Active'])
    })
    assert.equal(await isActive(access), false)
    const stopped = await (await server.signIn('alan')).must('GET', `${world.path}/tokens/${token.id}`)
    assert.deepEqual([stopped.status, stopped.disabled_cause], ['disabled', 'offboarding'])
  })

  test('lets access tokens run out instead, and is told until when', async () => {
    const joan = await newcomer('joan', 'Joan Clarke', 'member')
    const { access_token: access } = await generate(joan)
    await visit(world.operator, '/app/people', async (page) => {
      await choose(page, 'Joan Clarke', 'Deactivate')
      await dialog(page).getByLabel('Let them run out').check()
      await dialog(page).getByRole('button', { name: 'Deactivate' }).click()
      const [here] = await ends(page)
      assert.ok(here.at > Date.now())
      assert.match(here.words, /^by /)
    })
    assert.equal(await isActive(access), true)
  })

  test('is told of workspaces that have no admin now, and led to their members', async () => {
    const workspaces = []
    for (const name of ['Shipping', 'Returns']) workspaces.push(await world.operator.must('POST', '/v1/workspaces', { name }))
    const { user } = await newcomer('mary', 'Mary Shaw', 'admin', workspaces[0])
    await world.operator.must('PUT', `/v1/workspaces/${workspaces[1].id}/members/${user.id}`, { role: 'admin' })
    await visit(world.operator, '/app/people', async (page) => {
      await choose(page, 'Mary Shaw', 'Deactivate')
      await dialog(page).getByRole('button', { name: 'Deactivate' }).click()
      await dialog(page).getByText('2 workspaces have no admin now.').waitFor()
      await eventually(async () => (await dialog(page).getByRole('link').allTextContents()).sort(), ['Returns', 'Shipping'])
      await dialog(page).getByRole('link', { name: 'Shipping' }).click()
      await eventually(() => heading(page).textContent(), 'Members')
      assert.equal(await page.locator('.workspace-name').textContent(), 'Shipping')
      assert.equal(await dialog(page).count(), 0)
    })
  })
})

describe('a member who leaves', () => {
  test('is removed with a reason, and what became of their access is told', async () => {
    const kathleen = await newcomer('kathleen', 'Kathleen Booth', 'member')
    const { access_token: access } = await generate(kathleen)
    await visit(world.ada, `/app/${world.workspace.id}/members`, async (page) => {
      await row(page, 'Kathleen Booth').getByRole('button', { name: 'Remove' }).click()
      assert.equal(await dialog(page).getByText('is the last admin here').count(), 0)
      await dialog(page).getByLabel('Reason').fill('another team')
      await dialog(page).getByRole('button', { name: 'Remove' }).click()
      await dialog(page).getByRole('heading', { name: 'Kathleen Booth was removed' }).waitFor()
      assert.deepEqual(await dialog(page).locator('.effects li').allTextContents(), ['1 token disabled'])
      assert.match((await ends(page))[0].words, /^since /)
      assert.equal(await dialog(page).getByText('has no admin now').count(), 0)
      await dialog(page).locator('footer').getByRole('button', { name: 'Close' }).click()
      await row(page, 'Kathleen Booth').waitFor({ state: 'detached' })
    })
    assert.equal(await isActive(access), false)
    const { items } = await world.ada.must('GET', `${world.path}/events?type=MemberRemoved&order=newest&limit=1`)
    assert.deepEqual(items[0].data, { user_id: kathleen.user.id, access: 'revoke', reason: 'another team' })
  })

  test('leaves the list as it is then, also if the dialog was closed before the answer', async () => {
    await newcomer('betty', 'Betty Holberton', 'member')
    await visit(world.ada, `/app/${world.workspace.id}/members`, async (page) => {
      let letGo
      const held = new Promise((resolve) => (letGo = resolve))
      await page.route('**/members/*', async (route) => {
        const response = await route.fetch()
        await held
        await route.fulfill({ response })
      })
      await row(page, 'Betty Holberton').getByRole('button', { name: 'Remove' }).click()
      await dialog(page).getByRole('button', { name: 'Remove' }).click()
      await dialog(page).getByRole('button', { name: 'Close' }).click()
      await dialog(page).waitFor({ state: 'detached' })
      await row(page, 'Betty Holberton').waitFor()
      letGo()
      await row(page, 'Betty Holberton').waitFor({ state: 'detached' })
    })
  })

  test('can be the last admin: there is a warning before, and one after', async () => {
    const workspace = await world.operator.must('POST', '/v1/workspaces', { name: 'Archive' })
    const jean = await newcomer('jean', 'Jean Sammet', 'admin', workspace)
    await visit(jean, `/app/${workspace.id}/members`, async (page) => {
      await row(page, 'Jean Sammet').getByRole('button', { name: 'Remove' }).click()
      await dialog(page).getByText('Jean Sammet is the last admin here.').waitFor()
      await dialog(page).getByRole('button', { name: 'Remove' }).click()
      await dialog(page).getByText('This workspace has no admin now, until an operator appoints one.').waitFor()
      await dialog(page).locator('footer').getByRole('button', { name: 'Close' }).click()
      await page.getByText('You are in no workspace yet').waitFor()
    })
  })

  test('with more tokens than one append stops is told to the end, and so does the audit', async () => {
    const policy = await world.ada.must('GET', `${world.path}/policy`)
    await world.ada.must('PUT', `${world.path}/policy`, { ...policy, max_active_tokens_per_user: 2000 })
    const dorothy = await newcomer('dorothy', 'Dorothy Vaughan', 'member')
    for (let made = 0; made < 1010; made += 10) await Promise.all(Array.from({ length: 10 }, () => generate(dorothy)))
    await visit(world.ada, `/app/${world.workspace.id}/members`, async (page) => {
      await row(page, 'Dorothy Vaughan').getByRole('button', { name: 'Remove' }).click()
      await dialog(page).getByRole('button', { name: 'Remove' }).click()
      await eventually(() => dialog(page).locator('.effects li').allTextContents(), ['1,010 tokens disabled'])
      await page.goto(`/app/${world.workspace.id}/audit`)
      await page.getByLabel('What').selectOption('people')
      await page.getByRole('button', { name: 'Search' }).click()
      const events = page.getByRole('region', { name: 'Events', exact: true })
      await events.getByText(`${dorothy.user.id} · 1,010 tokens disabled`).waitFor()
      assert.equal(await events.locator('.event-title strong').first().textContent(), 'Offboarding completed')
      // The server looks through so many events at a time; those of the tokens lie in between.
      await events.getByRole('button', { name: 'Older events' }).click()
      await events.getByText('access stopped too · more tokens follow').waitFor()
    })
  })
})

describe('the server auditor', () => {
  let auditor
  before(async () => {
    auditor = await newcomer('rosalind', 'Rosalind Franklin')
    await world.operator.must('POST', `/v1/users/${auditor.user.id}:setOperator`, { standing: 'auditor' })
    await generate(world.grace)
  })

  /** What is on the pages to press, but for what only looks. */
  const LOOKS = /^(Copy .*|Account|Choose a workspace|Navigation|Actions for .*|Details.*|Search|Clear filters|Watch live|Stop watching|Export|Older events|Cancel|Close|\d+ days|Only the tokens of .*|Previous page|Next page|Name|Status|Created|Expires|Last refreshed|Last used)$/

  async function expectNothingToChange(page, where) {
    const texts = await page.locator('button:visible').evaluateAll((all) => all.map((button) => (button.getAttribute('aria-label') || button.title || button.textContent).trim()))
    assert.ok(texts.length > 0)
    assert.deepEqual(texts.filter((text) => !LOOKS.test(text)), [], where)
    assert.equal(await page.locator('main form:not(.filters)').count(), 0, where)
  }

  test('sees every workspace, everyone’s tokens, the audit and the people, and has nothing to change', () => visit(auditor, '/app', async (page) => {
    const changes = []
    page.on('request', (request) => request.method() === 'GET' || changes.push(`${request.method()} ${request.url()}`))
    await eventually(() => heading(page).textContent(), 'Workspaces')
    await expectNothingToChange(page, 'workspaces')
    await page.getByRole('link', { name: 'People' }).click()
    await row(page, 'Rosalind Franklin').getByText('Server auditor').waitFor()
    await expectNothingToChange(page, 'people')
    await page.getByRole('link', { name: 'Workspaces' }).click()
    await page.getByRole('link', { name: 'Orders', exact: true }).click()
    await eventually(() => heading(page).textContent(), 'All API tokens')
    await page.locator('table.tokens tbody tr').first().waitFor()
    await expectNothingToChange(page, 'tokens')
    await page.getByRole('button', { name: 'Actions for robot' }).first().click()
    assert.deepEqual(await page.getByRole('menuitem').allTextContents(), ['Details'])
    await page.getByRole('menuitem', { name: 'Details' }).click()
    await page.locator('.event').first().waitFor()
    await expectNothingToChange(page, 'details')
    for (const [name, ready] of [['Audit', '.event'], ['Policy', 'dl.facts'], ['Members', 'tbody tr'], ['Resource servers', 'tbody tr'], ['Legacy tokens', '.empty']]) {
      await page.getByRole('link', { name, exact: true }).click()
      await eventually(() => heading(page).textContent(), name)
      await page.locator(`main ${ready}`).first().waitFor()
      await expectNothingToChange(page, name)
    }
    assert.equal(await page.getByRole('link', { name: 'API tokens', exact: true }).count(), 0, 'they generate none')
    await page.goto('/app')
    await eventually(() => heading(page).textContent(), 'Workspaces')
    assert.deepEqual(changes, [])
  }))

  test('searches the audit by person, and whoever is that is told by name', () => visit(auditor, `/app/${world.workspace.id}/audit`, async (page) => {
    await page.getByRole('combobox', { name: 'By whom' }).selectOption({ label: 'Grace Hopper' })
    await page.getByLabel('What').selectOption('TokenGenerated')
    await page.getByRole('button', { name: 'Search' }).click()
    const events = page.getByRole('region', { name: 'Events', exact: true })
    await eventually(async () => [...new Set(await events.locator('.event-remark').allTextContents())], ['robot'])
  }))

  test('also where they are a member: a role gives them nothing more', async () => {
    await world.operator.must('PUT', `${world.path}/members/${auditor.user.id}`, { role: 'admin' })
    await visit(auditor, '/app', async (page) => {
      await eventually(() => heading(page).textContent(), 'All API tokens')
      await page.locator('table.tokens tbody tr').first().waitFor()
      await expectNothingToChange(page, 'tokens')
      await page.goto(`/app/${world.workspace.id}/tokens`)
      await eventually(() => heading(page).textContent(), 'API tokens')
      await expectNothingToChange(page, 'their own')
    })
  })
})

test('who is an operator and no member keeps what they have: members, and no tokens', () => visit(world.operator, `/app/${world.workspace.id}`, async (page) => {
  await eventually(() => heading(page).textContent(), 'Members')
  await page.getByRole('button', { name: 'Add a member' }).waitFor()
  assert.deepEqual(await page.locator('nav.side a').allTextContents().then((all) => all.map((text) => text.trim())), ['Policy', 'Members', 'Workspaces', 'People'])
}))
