// API tokens: generate, find, disable, delete, one and many, one's own and everyone's.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { copied, dialog, eventually, furnish, heading, holdAnswers, launch, names, Server, Visitor } from './support.mjs'

let server, browser, world

// What several tests look at is here; each makes for itself what it changes.
before(async () => {
  server = await Server.start()
  browser = await launch()
  world = await furnish(server)
  const policy = { max_lifetime_days: 180, who_may_generate: 'members', max_active_tokens_per_user: 100, access_token_seconds: 600, refresh_retry_seconds: 60, allowed_scopes: ['orders:read', 'orders:write'] }
  await world.ada.must('PUT', `${world.path}/policy`, policy)
  for (let number = 0; number < 30; number += 1) await generate(world.ada, `robot ${String(number).padStart(2, '0')}`, 1 + number)
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function visit(username, options, use) {
  const visitor = await Visitor.open(browser, server, options)
  await visitor.arrive(world[username])
  await use(visitor.page, visitor)
  await visitor.close()
}

const tokensOf = async (person) => (await person.must('GET', `${world.path}/tokens?limit=1000`)).items
const generate = (person, name, days = 30) => person.must('POST', `${world.path}/tokens`, { name, lifetime_days: days })

describe('generate', () => {
  test('asks within the policy, shows both secrets once, and forgets them on Close', () => visit('grace', {}, async (page) => {
    await page.getByRole('heading', { name: 'No API tokens yet, Grace Hopper' }).waitFor()
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
    const days = dialog(page).getByLabel('Lifetime in days')
    const act = dialog(page).getByRole('button', { name: 'Generate', exact: true })
    await dialog(page).getByLabel('Name').fill('build robot')
    for (const wrong of ['0', '181', '1.5', '']) {
      await days.fill(wrong)
      await dialog(page).getByText('Must be a whole number from 1 to 180').waitFor()
      assert.equal(await act.isDisabled(), true, wrong)
    }
    const until = () => new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'Europe/Berlin' }).format(Date.now() + 30 * 86_400_000)
    const earliest = until()
    await dialog(page).getByRole('button', { name: '30 days' }).click()
    await dialog(page).getByText(new RegExp(`^Works until (${earliest}|${until()})\\. This workspace allows up to 180 days\\.$`)).waitFor()
    await act.dblclick()

    await dialog(page).getByRole('heading', { name: '“build robot” is ready' }).waitFor()
    assert.deepEqual((await tokensOf(world.grace)).map(({ name }) => name), ['build robot'], 'a double click generated two')
    await dialog(page).getByText('They are shown this once and can not be had again').waitFor()
    const secretOf = (name) => copied(dialog(page), name)
    const access = await secretOf('Access Token')
    const refresh = await secretOf('Refresh Token')
    assert.match(access, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
    assert.match(refresh, /^tlr_\w{49}$/)
    assert.equal(await secretOf('Client ID'), world.workspace.client_id)
    assert.equal(await secretOf('Token Endpoint URL'), world.workspace.token_endpoint)
    const line = await secretOf('Refresh with curl')
    const answer = JSON.parse(execFileSync('bash', ['-c', line.replace('curl ', 'curl -s ')], { encoding: 'utf8' }))
    assert.match(answer.refresh_token, /^tlr_/, 'the curl line works as it stands')

    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    assert.equal(await dialog(page).count(), 1, 'Escape does not throw the secrets away')
    await page.evaluate(() => navigator.clipboard.writeText(''))
    await dialog(page).getByRole('button', { name: 'Close' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    await eventually(() => names(page), ['build robot'])
    const left = await page.evaluate(() => document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href + JSON.stringify(performance.getEntries()) + JSON.stringify(history.state))
    for (const secret of [access, refresh, access.split('.')[2]]) assert.ok(!left.includes(secret), 'a secret is still there')
    assert.ok(!server.log.includes(refresh))
  }))

  test('with chosen scopes, among them power over Tally itself', () => visit('grace', {}, async (page) => {
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
    await dialog(page).getByLabel('Name').fill('reader')
    await dialog(page).getByLabel('Choose scopes').check()
    assert.equal(await dialog(page).getByRole('button', { name: 'Generate', exact: true }).isDisabled(), true)
    await dialog(page).getByLabel('orders:read').check()
    await dialog(page).getByLabel('tally:tokens.read').check()
    await dialog(page).getByRole('button', { name: 'Generate', exact: true }).click()
    await dialog(page).getByRole('button', { name: 'Close' }).click()
    await eventually(async () => (await tokensOf(world.grace)).find(({ name }) => name === 'reader')?.scope.split(' ').sort(), ['orders:read', 'tally:tokens.read'])
  }))

  test('a refusal is told beside its field, with the request id', () => visit('grace', {}, async (page, visitor) => {
    visitor.expect(/status of 400/)
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
    await dialog(page).getByLabel('Name').fill('bell \u0007')
    await dialog(page).getByRole('button', { name: 'Generate', exact: true }).click()
    await dialog(page).locator('.field-error').waitFor()
    await dialog(page).getByText('A field is not valid').waitFor()
    assert.match(await dialog(page).locator('.request-id code').textContent(), /^\S{8,64}$/)
    await dialog(page).getByRole('button', { name: 'Cancel' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
  }))

  test('where only admins may, a member is told so', async () => {
    const policy = await world.ada.must('GET', `${world.path}/policy`)
    await world.ada.must('PUT', `${world.path}/policy`, { ...policy, who_may_generate: 'admins' })
    try {
      await visit('grace', {}, async (page) => {
        await page.locator('main').getByText('only admins generate tokens').waitFor()
        assert.equal(await page.getByRole('button', { name: 'Generate', exact: true }).isDisabled(), true)
      })
    } finally {
      await world.ada.must('PUT', `${world.path}/policy`, policy)
    }
  })
})

describe('the list', () => {
  test('searches, filters, sorts and pages on the server', () => visit('ada', {}, async (page) => {
    await eventually(async () => (await names(page)).length, 25)
    await page.getByRole('button', { name: 'Next page' }).click()
    await page.getByText('Page 2', { exact: true }).waitFor()
    await eventually(async () => (await names(page)).at(-1), 'robot 00')
    await page.getByRole('button', { name: 'Previous page' }).click()
    await eventually(async () => (await names(page))[0], 'robot 29')
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await eventually(async () => (await names(page))[0], 'robot 00')
    assert.equal(await page.locator('th', { hasText: 'Name' }).getAttribute('aria-sort'), 'ascending')
    await page.getByRole('button', { name: 'Expires' }).click()
    await page.getByRole('button', { name: 'Expires' }).click()
    await eventually(async () => (await names(page))[0], 'robot 29')
    await page.getByLabel('Per page').selectOption('50')
    await eventually(async () => (await names(page)).length, 30)
    await page.reload()
    await eventually(async () => (await names(page)).length, 30)
    await page.getByLabel('Search').fill('robot 1')
    await eventually(async () => (await names(page)).length, 10)
    await page.getByLabel('Status').selectOption('disabled')
    await page.getByText('No token fits these filters').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).first().click()
    await eventually(async () => (await names(page)).length, 30)
  }))

  test('until the answer is there, the list before it is not taken for it', () => visit('ada', {}, async (page) => {
    await eventually(async () => (await names(page)).length, 25)
    let letGo = await holdAnswers(page, '**/tokens?*')
    await page.getByLabel('Search').fill('nothing of that name')
    assert.equal(await page.getByRole('button', { name: 'Next page' }).isDisabled(), true, 'at once')
    await page.locator('.table-box[aria-busy=true]').waitFor()
    letGo()
    await page.getByText('No token fits these filters').waitFor()
    letGo = await holdAnswers(page, '**/tokens?*')
    await page.getByRole('button', { name: 'Clear filters' }).first().click()
    await page.getByRole('status', { name: 'Loading' }).waitFor()
    letGo()
    await eventually(async () => (await names(page)).length, 25)
  }))

  test('a menu stays when the end of a scroll is told late, and goes when its button moves', () => visit('ada', {}, async (page) => {
    await page.getByRole('button', { name: 'Actions for robot 29' }).click()
    await page.evaluate(() => document.dispatchEvent(new Event('scroll')))
    await page.getByRole('menu').waitFor()
    await page.mouse.wheel(0, 200)
    await page.getByRole('menu').waitFor({ state: 'detached' })
  }))

  test('a secret that is pasted into the search is not sent', () => visit('ada', {}, async (page) => {
    const asked = []
    page.on('request', (request) => asked.push(request.url()))
    await page.getByLabel('Search').fill('tlr_0123456789012345678901234567890123456789012345678')
    await page.getByText('That looks like a secret, so it was not sent').waitFor()
    await page.getByLabel('Search').fill('robot 29')
    await eventually(async () => names(page), ['robot 29'])
    assert.ok(asked.every((url) => !url.includes('tlr_')))
  }))

  test('relative times have the exact one beside them', () => visit('ada', {}, async (page) => {
    await page.getByLabel('Search').fill('robot 28')
    await eventually(async () => names(page), ['robot 28'])
    const cell = page.locator('td[data-label=Expires]')
    assert.equal(await cell.locator('time').textContent(), 'in 28 days')
    assert.match(await cell.locator('.exact').textContent(), /^\d{1,2} \w+ \d{4}, \d\d:\d\d$/)
    assert.match(await page.locator('td[data-label=Created] time').getAttribute('title'), /:\d\d:\d\d$/)
  }))
})

describe('disable and delete', () => {
  const made = {}
  before(async () => {
    for (const name of ['laptop', 'drone 1', 'drone 2', 'drone 3', 'old phone', 'short-lived']) made[name] = (await generate(world.ada, name)).token
    await world.ada.must('POST', `${world.path}/tokens/${made['drone 1'].id}:disable`, {})
  })

  test('one: asks, says what it does, and does it once', () => visit('ada', {}, async (page) => {
    await page.getByRole('button', { name: 'Actions for laptop' }).click()
    await page.getByRole('menuitem', { name: 'Disable' }).click()
    await dialog(page).getByRole('heading', { name: 'Disable “laptop”?' }).waitFor()
    await dialog(page).getByText('The refresh token stops working at once.').waitFor()
    await dialog(page).getByText('run out by themselves, within 10 minutes').waitFor()
    await dialog(page).getByLabel('Stop access now').check()
    await dialog(page).getByText('Access tokens already issued stop too').waitFor()
    await dialog(page).getByLabel('Reason').fill('lost laptop')
    const sent = []
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.headers()['idempotency-key']))
    await dialog(page).getByRole('button', { name: 'Disable', exact: true }).dblclick()
    await page.getByText('laptop: disabled').waitFor()
    assert.equal(sent.length, 1)
    assert.match(sent[0], /^[0-9a-f]{32}$/)
    const token = await world.ada.must('GET', `${world.path}/tokens/${made.laptop.id}`)
    assert.deepEqual([token.status, token.disabled_reason], ['disabled', 'lost laptop'])
    const events = await world.ada.must('GET', `${world.path}/tokens/${token.id}/events`)
    const disabled = events.items.filter(({ type }) => type === 'TokenDisabled')
    assert.deepEqual(disabled.map(({ data, via }) => [data.access, via]), [['revoke', 'page']])
    await eventually(() => page.locator('tr', { hasText: 'laptop' }).locator('.badge').textContent(), 'Disabled')
  }))

  test('several: an outcome for each', () => visit('ada', {}, async (page) => {
    for (const name of ['drone 1', 'drone 2', 'drone 3']) await page.getByLabel(`Choose ${name}`).check()
    const bulk = page.getByRole('region', { name: 'Chosen tokens' })
    await bulk.getByText('3 tokens chosen').waitFor()
    await bulk.getByRole('button', { name: 'Disable' }).click()
    await dialog(page).getByRole('button', { name: 'Disable', exact: true }).click()
    const results = dialog(page).getByRole('list', { name: 'Results' })
    await results.waitFor()
    assert.deepEqual((await results.getByRole('listitem').allTextContents()).sort(), ['drone 1was disabled already', 'drone 2disabled', 'drone 3disabled'])
    await dialog(page).locator('footer').getByRole('button', { name: 'Close' }).click()
    await page.getByLabel('Choose all on this page').check()
    await bulk.getByText('25 tokens chosen').waitFor()
    await bulk.getByRole('button', { name: 'Choose none' }).click()
    await bulk.waitFor({ state: 'detached' })
    for (const name of ['drone 2', 'drone 3']) await page.getByLabel(`Choose ${name}`).check()
    await bulk.getByRole('button', { name: 'Delete' }).click()
    await dialog(page).getByText('It leaves every list. Its history stays in the audit.').waitFor()
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click()
    await eventually(() => results.locator('.badge').allTextContents(), ['deleted', 'deleted'])
    await dialog(page).locator('footer').getByRole('button', { name: 'Close' }).click()
    await eventually(async () => (await names(page)).filter((name) => /drone [23]/.test(name)), [])
  }))

  test('from the details, whose history stays', () => visit('ada', {}, async (page) => {
    await page.getByRole('link', { name: 'old phone' }).click()
    await eventually(() => heading(page).textContent(), 'old phone')
    await page.getByRole('button', { name: 'Disable' }).click()
    await dialog(page).getByRole('button', { name: 'Disable', exact: true }).click()
    await eventually(() => page.locator('.event-title strong').allTextContents(), ['Token disabled', 'Token generated'])
    await page.getByRole('button', { name: 'Delete' }).click()
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click()
    await eventually(() => page.locator('.page-head .badge').textContent(), 'Deleted')
    await eventually(() => page.locator('.event-title strong').allTextContents(), ['Token deleted', 'Token disabled', 'Token generated'])
    await page.getByRole('button', { name: /Details of event/ }).first().click()
    await page.getByText('Request ID').waitFor()
  }))

  test('a token that is gone by now is reported as such', () => visit('ada', {}, async (page) => {
    await page.getByRole('button', { name: 'Actions for short-lived' }).click()
    await page.getByRole('menuitem', { name: 'Disable' }).click()
    await world.ada.must('DELETE', `${world.path}/tokens/${made['short-lived'].id}`)
    await dialog(page).getByRole('button', { name: 'Disable', exact: true }).click()
    await page.getByText('short-lived: not found').waitFor()
  }))
})

describe('everyone’s', () => {
  before(async () => {
    for (const name of ['night build', 'phone', 'tablet']) await generate(world.grace, name)
  })

  test('an admin sees them all, by owner and status, and ends them', () => visit('ada', {}, async (page) => {
    const owners = async () => [...new Set(await page.locator('td[data-label=Owner]').allTextContents())].sort()
    await page.getByRole('link', { name: 'All API tokens' }).click()
    await page.getByLabel('Owner').selectOption({ label: 'Grace Hopper' })
    await eventually(owners, ['Grace Hopper'])
    await page.getByLabel('Owner').selectOption('')
    await eventually(owners, ['Ada Lovelace', 'Grace Hopper'])
    await page.getByLabel('Search').fill('night')
    await eventually(() => names(page), ['night build'])
    await page.getByRole('button', { name: 'Grace Hopper' }).click()
    await eventually(() => page.getByLabel('Owner').inputValue(), world.grace.user.id)
    await page.getByRole('button', { name: 'Actions for night build' }).click()
    await page.getByRole('menuitem', { name: 'Disable' }).click()
    await dialog(page).getByRole('button', { name: 'Disable', exact: true }).click()
    await page.getByText('night build: disabled').waitFor()
  }))

  test('the emergency cut-off is rehearsed, confirmed and counted', () => visit('ada', {}, async (page) => {
    await page.getByRole('link', { name: 'All API tokens' }).click()
    await page.getByRole('button', { name: 'Emergency cut-off' }).click()
    await dialog(page).getByLabel('Owner').selectOption({ label: 'Grace Hopper' })
    // The field drops a zero at the end, and Playwright then takes the value for malformed: the last digit is 1.
    const now = new Date(Math.floor(Date.now() / 10) * 10 - 9)
    await dialog(page).getByLabel('Issued before').fill(now.toLocaleString('sv', { timeZone: 'Europe/Berlin' }).replace(' ', 'T') + now.toISOString().slice(19, 23))
    const { length: active } = (await tokensOf(world.grace)).filter(({ status }) => status === 'active')
    await dialog(page).getByText(`${active} active tokens would be disabled.`).waitFor()
    const act = dialog(page).getByRole('button', { name: 'Disable them all' })
    assert.equal(await act.isDisabled(), true)
    await dialog(page).getByLabel('Type “Orders” to confirm').fill('Orders')
    await act.click()
    await page.getByText(`${active} tokens disabled.`).waitFor()
    assert.ok((await tokensOf(world.grace)).every(({ status }) => status === 'disabled'))
  }))

  test('the cut-off is for the moment that the field shows, however fast somebody is', () => visit('ada', {}, async (page) => {
    await page.getByRole('link', { name: 'All API tokens' }).click()
    await page.getByRole('button', { name: 'Emergency cut-off' }).click()
    await dialog(page).getByLabel('Owner').selectOption({ label: 'Edith Clarke' })
    await dialog(page).getByLabel('Type “Orders” to confirm').fill('Orders')
    const sent = page.waitForRequest('**/tokens:disableIssuedBefore')
    await dialog(page).getByLabel('Issued before').fill('2020-01-01T00:00:01')
    await page.keyboard.press('Enter')
    assert.equal((await sent).postDataJSON().time, '2019-12-31T23:00:01.000Z')
    await page.getByText('0 tokens disabled.').waitFor()
  }))

  test('an auditor reads and ends nothing; a member sees only their own', async () => {
    await visit('edith', {}, async (page) => {
      await page.getByRole('link', { name: 'All API tokens' }).click()
      await page.locator('table.tokens').waitFor()
      assert.equal(await page.locator('table.tokens input[type=checkbox]').count(), 0)
      await page.locator('td.actions button').first().click()
      await eventually(() => page.getByRole('menuitem').allTextContents(), ['Details'])
    })
    await visit('grace', {}, async (page) => {
      await eventually(() => page.locator('nav a').allTextContents(), [' API tokens', ' Policy'])
      await page.goto(`/app/${world.workspace.id}/all-tokens`)
      await page.getByText('There is no page at this address').waitFor()
    })
  })
})

describe('when things go wrong', () => {
  test('an error has its title, its request id and another try', () => visit('ada', {}, async (page, visitor) => {
    visitor.expect(/status of 503/)
    const problem = { type: 'urn:tally:problem:overloaded', title: 'Too busy; nothing was done', status: 503, code: 'overloaded', instance: '01request' }
    await page.route('**/tokens?*', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) }))
    await page.reload()
    await page.getByRole('alert').getByText('Too busy; nothing was done').waitFor()
    assert.equal(await page.getByRole('alert').locator('code').textContent(), '01request')
    await page.unroute('**/tokens?*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('table.tokens').waitFor()
  }))

  test('a slow answer shows where it will stand', () => visit('ada', {}, async (page) => {
    const letGo = await holdAnswers(page, '**/tokens?*')
    await page.reload()
    await page.getByRole('status', { name: 'Loading' }).waitFor()
    letGo()
    await page.locator('table.tokens').waitFor()
  }))

  test('offline, the pages say so and keep what they show', () => visit('ada', {}, async (page, visitor) => {
    visitor.expect(/ERR_INTERNET_DISCONNECTED/)
    await page.locator('table.tokens').waitFor()
    await visitor.context.setOffline(true)
    await page.getByText('You are offline. What you see may be out of date').waitFor()
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await page.getByRole('alert').getByText('You are offline').waitFor()
    assert.ok((await names(page)).length > 0)
    await visitor.context.setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await eventually(() => page.getByRole('alert').count(), 0)
    await eventually(() => page.getByText('You are offline').count(), 0)
  }))

  test('after an answer that got lost, the repeat goes with the same key', () => visit('ada', {}, async (page, visitor) => {
    visitor.expect(/ERR_FAILED/)
    const keys = []
    let fails = true
    await page.route('**/tokens', (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      keys.push(route.request().headers()['idempotency-key'])
      return fails ? route.abort() : route.continue()
    })
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
    await dialog(page).getByLabel('Name').fill('persistent')
    const act = dialog(page).getByRole('button', { name: 'Generate', exact: true })
    await act.click()
    await dialog(page).getByText('The server does not answer').waitFor()
    fails = false
    await act.click()
    await dialog(page).getByRole('button', { name: 'Close' }).click()
    assert.equal(keys.length, 2)
    assert.equal(keys[0], keys[1])
  }))
})
