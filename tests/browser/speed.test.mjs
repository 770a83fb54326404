// How much script the first view costs with 10,000 tokens in the workspace. Measured and printed, not asserted: it depends on the machine.
import { after, before, test } from 'node:test'
import { eventually, furnish, launch, names, Server, Visitor } from './support.mjs'

const TOKENS = Number(process.env.TALLY_SPEED_TOKENS ?? 10_000)
const AT_ONCE = 48
const VIEWS = 5

let server, browser, world

before(async () => {
  server = await Server.start()
  browser = await launch()
  world = await furnish(server)
  const policy = await world.ada.must('GET', `${world.path}/policy`)
  await world.ada.must('PUT', `${world.path}/policy`, { ...policy, max_active_tokens_per_user: 100_000 })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function makeTokens() {
  let made = 0
  const worker = async () => {
    while (made < TOKENS) {
      made += 1
      await world.ada.must('POST', `${world.path}/tokens`, { name: `robot ${made}`, lifetime_days: 1 + (made % 365) })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Tells when the table is there without asking for it again and again, which would be script too. */
function watchForTable() {
  globalThis.tableShown = new Promise((resolve) => {
    const look = () => document.querySelectorAll('table.tokens tbody tr').length === 25 && resolve()
    new MutationObserver(look).observe(document, { childList: true, subtree: true })
  })
}

/** Milliseconds of script and of all work on the page's main thread until the table is there: of its own processor time, so that what
 *  else the machine does at the time does not count. */
async function measure(visitor, path) {
  const page = await visitor.newPage()
  await page.addInitScript(watchForTable)
  const session = await visitor.context.newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.goto(path, { waitUntil: 'commit' })
  await page.evaluate(() => globalThis.tableShown)
  const { metrics } = await session.send('Performance.getMetrics')
  const milliseconds = (name) => metrics.find((metric) => metric.name === name).value * 1000
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).filter(({ name }) => !name.includes('/v1/')).reduce((sum, { transferSize }) => sum + transferSize, 0))
  await page.close()
  return { script: milliseconds('ScriptDuration'), task: milliseconds('TaskDuration'), loaded }
}

const median = (values) => [...values].sort((left, right) => left - right)[values.length >> 1]

test(`the first view with ${TOKENS} tokens`, async (context) => {
  await makeTokens()
  const visitor = await Visitor.open(browser, server)
  await visitor.arrive(world.ada)
  for (const [what, path] of [['my API tokens', 'tokens'], ['all API tokens', 'all-tokens']]) {
    const views = []
    for (let view = 0; view < VIEWS; view += 1) views.push(await measure(visitor, `/app/${world.workspace.id}/${path}`))
    context.diagnostic(`${what}: script ${median(views.map(({ script }) => script)).toFixed(1)} ms, all work of the page ${median(views.map(({ task }) => task)).toFixed(1)} ms (median of ${VIEWS})`)
  }
  const fresh = await Visitor.open(browser, server)
  await fresh.arrive(world.ada)
  const { loaded } = await measure(fresh, `/app/${world.workspace.id}/tokens`)
  context.diagnostic(`a reload transfers ${loaded} bytes of pages`)
  await eventually(async () => (await names(visitor.page)).length, 25)
  await visitor.close()
  await fresh.close()
})
