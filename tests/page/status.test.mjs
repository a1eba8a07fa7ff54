// The status page as operators use it: open beside them, while upstreams fail and come back.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { open } from './browser.mjs'
import { launch } from './proxy.mjs'
import { Upstream } from './upstream.mjs'

const PICTURES = fileURLToPath(new URL('../../target/page/', import.meta.url))
/** Longer than the page takes to see a change. */
const PATIENCE_MS = 10_000
const DOWN = '“authentication servers are down”'
const NO_LOGIN = 'No login yet: point a game server at this proxy, and its logins show here. It will ask 2 upstreams.'
const GRAPHS = [
  /^Last answer: /,
  /^Median latency in the last 5.min: from /,
  /^Share of the logins won in the last 5.min: /,
  /^Questions in the last 5.min: 1, /,
]
/** What a breaker waits for. */
const FAILURES = 5

/** A proxy in front of Mojang, which knows Notch, and Minehut, which knows jeb_. */
async function stage(t) {
  const mojang = await Upstream.start(t, 'Notch')
  const minehut = await Upstream.start(t, 'jeb_')
  const configuration = mojang.table('mojang') + minehut.table('minehut')
  return { mojang, minehut, configuration, ...await launch(t, configuration) }
}

async function login(origin, name) {
  const answer = await fetch(`${origin}/session/minecraft/hasJoined?username=${name}&serverId=-1a2b3c`)
  await answer.arrayBuffer()
  return answer.status
}

/** Waits until the page says this by itself. */
async function says(page, title, meaning) {
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor({ timeout: PATIENCE_MS })
  assert.equal(await page.locator('.lead').textContent(), meaning)
  assert.equal(await page.title(), `${title} · hasjoined`)
}

function upstream(page, id) {
  return page.getByRole('article', { name: id, exact: true })
}

/** Its state and what is wrong with it. */
async function state(page, id) {
  const text = async (place) => (await upstream(page, id).locator(place).allTextContents()).join().replaceAll('\u00a0', ' ')
  return [await text('.badge'), await text('.trouble')]
}

/** The figure and the line below of this measure. */
async function measure(page, id, title) {
  const place = upstream(page, id).locator('.measures > div', { has: page.getByText(title, { exact: true }) })
  return (await place.locator('dd').first().innerText()).replaceAll('\u00a0', ' ').split(/\n+/)
}

test('it follows upstreams that fail and come back, and nothing that was opened closes', async (t) => {
  const { origin, admin, mojang, minehut } = await stage(t)
  const { page, complaints, requests } = await open(t, `${admin}/status`)
  await says(page, 'Ready', NO_LOGIN)
  assert.deepEqual(await state(page, 'mojang'), ['Not asked yet', ''])
  assert.equal(await page.getByText('None yet.').count(), 1)

  const summary = upstream(page, 'minehut').locator('summary')
  await summary.click()
  await page.evaluate(() => { document.querySelector('h1').seen = true })

  assert.equal(await login(origin, 'Notch'), 200)
  await says(page, 'Players can log in', 'All 2 upstreams answer.')
  assert.deepEqual(await state(page, 'mojang'), ['Answers', ''])
  assert.deepEqual(await measure(page, 'mojang', 'Share of wins'), ['100 %', '1 in all'])
  assert.deepEqual(await measure(page, 'minehut', 'Share of wins'), ['0 %', '0 in all'])
  assert.deepEqual(await measure(page, 'minehut', 'Asked'), ['1', '0 failed'])
  const row = page.getByRole('row', { name: /^Notch/ })
  for (const said of [/Joined\s+by mojang/, /yes: mojang \S+.ms/, /no: minehut \S+.ms/]) assert.match(await row.innerText(), said)

  minehut.status = 500
  for (let failure = 0; failure < FAILURES; failure += 1) assert.equal(await login(origin, `stranger_${failure}`), 503)
  const some = `minehut does not answer. Players whom nobody else knows read ${DOWN}; all others log in as usual.`
  await says(page, 'Some players cannot log in', some)
  const [word, trouble] = await state(page, 'minehut')
  assert.equal(word, 'Down')
  assert.match(trouble, /^Failing for \d+ s: status 500\. Logins leave it out; it is tried again within \d+ s\.$/)
  assert.deepEqual(await measure(page, 'minehut', 'Asked'), ['6', '5 failed'])
  assert.equal(await login(origin, 'Notch'), 200)
  assert.equal(await login(origin, 'jeb_'), 503)
  await page.getByRole('row', { name: /^jeb_ Undecided/ }).waitFor({ timeout: PATIENCE_MS })

  mojang.status = 503
  for (let failure = 0; failure < FAILURES; failure += 1) assert.equal(await login(origin, 'Notch'), 503)
  await says(page, 'Nobody can log in', `mojang and minehut do not answer. Players read ${DOWN}.`)

  delete mojang.status
  delete minehut.status
  const until = Date.now() + PATIENCE_MS
  // While nobody answers, one login a second is tried.
  while (await login(origin, 'jeb_') !== 200) assert.ok(Date.now() < until, 'the upstreams are never tried again')
  await says(page, 'Players can log in', 'All 2 upstreams answer.')
  assert.deepEqual(await state(page, 'minehut'), ['Answers', ''])
  assert.match(await page.getByRole('row', { name: /^jeb_ Joined/ }).innerText(), /by minehut/)

  assert.ok(await page.evaluate(() => document.querySelector('h1').seen), 'changed in place')
  assert.ok(await summary.evaluate((element) => element.parentElement.open && element === document.activeElement))
  assert.match(await upstream(page, 'minehut').locator('.since').textContent(), /5 unusable status/)
  assert.deepEqual(complaints, [])
  assert.deepEqual([...new Set(requests)], [`${admin}/status`])
})

test('it says when the proxy is gone, and forgets that when it is back', async (t) => {
  const { origin, admin, configuration, stop } = await stage(t)
  await login(origin, 'Notch')
  const { page, complaints } = await open(t, `${admin}/status`)
  await says(page, 'Players can log in', 'All 2 upstreams answer.')
  const notice = page.getByRole('alert')
  assert.equal(await notice.isVisible(), false)
  await stop()
  await notice.filter({ hasText: /^The proxy has not answered since .*\. Below is what it said last\.$/ }).waitFor({ timeout: PATIENCE_MS })
  await says(page, 'Players can log in', 'All 2 upstreams answer.')
  await launch(t, configuration, new URL(admin).host)
  await notice.waitFor({ state: 'hidden', timeout: PATIENCE_MS })
  await says(page, 'Ready', NO_LOGIN)
  // The browser itself notes what it could not load.
  assert.deepEqual(complaints.filter((complaint) => !complaint.includes('ERR_CONNECTION_REFUSED')), [])
})

test('without JavaScript all is there, and it loads itself again', async (t) => {
  const { origin, admin } = await stage(t)
  await login(origin, 'Notch')
  const { page, complaints, requests } = await open(t, `${admin}/status`, { javaScriptEnabled: false })
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Players can log in')
  assert.match(await page.locator('footer').innerText(), /This page loads itself again every 10 s\./)
  await login(origin, 'nobody_knows_me')
  await page.getByRole('row', { name: /^nobody_knows_me Not joined/ }).waitFor({ timeout: 2 * PATIENCE_MS })
  assert.deepEqual(complaints, [])
  assert.deepEqual(requests, [`${admin}/status`, `${admin}/status`])
})

test('a keyboard and a screen reader find all of it', async (t) => {
  const { origin, admin } = await stage(t)
  await login(origin, 'Notch')
  const { page } = await open(t, `${admin}/status`)
  const focused = () => page.evaluate(() => document.activeElement.textContent)
  for (const wanted of ['Since the start, mojang', 'Since the start, minehut', 'status.json', 'metrics']) {
    await page.keyboard.press('Tab')
    assert.equal(await focused(), wanted)
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
    assert.equal(outline, 'solid', 'the focus can be seen')
    if (!wanted.startsWith('Since')) continue
    await page.keyboard.press('Enter')
    assert.ok(await page.evaluate(() => document.activeElement.parentElement.open))
  }
  const headings = await page.getByRole('heading').allTextContents()
  assert.deepEqual(headings, ['Players can log in', 'Upstreams in the last 5\u00a0min', 'mojang', 'minehut', 'Last logins'])
  for (const id of ['mojang', 'minehut']) {
    for (const name of GRAPHS) {
      assert.equal(await upstream(page, id).getByRole('img', { name }).count(), 1, `${id}: ${name}`)
    }
  }
  await page.setViewportSize({ width: 390, height: 800 })
  const roles = ['columnheader', 'rowheader', 'cell']
  const counts = await Promise.all(roles.map((role) => page.getByRole('table', { name: 'Last logins' }).getByRole(role).count()))
  assert.deepEqual(counts, [5, 1, 4], 'still a table where it is laid out as lines')
})

test('the answer itself is strict', async (t) => {
  const { admin } = await stage(t)
  const answer = await fetch(`${admin}/status`)
  const header = (name) => answer.headers.get(name)
  assert.deepEqual([answer.status, header('content-type'), header('cache-control')], [200, 'text/html; charset=utf-8', 'no-store'])
  assert.deepEqual([header('x-content-type-options'), header('referrer-policy')], ['nosniff', 'no-referrer'])
  const policy = header('content-security-policy').split('; ')
  for (const wanted of ["default-src 'none'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(wanted), wanted)
  }
  assert.ok(!/unsafe|https?:|\*/.test(policy.join()), policy.join())
  const posted = await fetch(`${admin}/status`, { method: 'POST', body: 'x' })
  assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD'])
  const { upstreams } = await (await fetch(`${admin}/status.json`)).json()
  assert.deepEqual(upstreams.map(({ id }) => id), ['mojang', 'minehut'])
})

test('nothing sticks out, down to 360 pixels; pictures to look at, in target/page', async (t) => {
  await mkdir(PICTURES, { recursive: true })
  const fresh = await stage(t)
  const busy = await crowd(t)
  for (const width of [1280, 390, 360]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const [name, { admin }] of Object.entries({ fresh, busy })) {
        const { page } = await open(t, `${admin}/status`, { viewport: { width, height: 844 }, colorScheme })
        const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        assert.ok(sticksOut <= 0, `${name} at ${width}: ${sticksOut} pixels too wide`)
        if (width > 360) await page.screenshot({ path: `${PICTURES}status-${name}-${width}-${colorScheme}.png`, fullPage: true })
      }
    }
  }
})

/** Sixteen upstreams with long names, some of which fail, and players of all kinds. */
async function crowd(t) {
  const upstreams = await Promise.all(Array.from({ length: 16 }, (_, at) => Upstream.start(t, `player_of_no_${at}`)))
  const tables = upstreams.map((one, at) => {
    one.delayMs = at * 7
    return one.table(`a-rather-long-upstream_number-${at}`, at % 3 === 0 ? 'attests = "mojang"\nbudget = "60/1m"' : '')
  })
  const proxy = await launch(t, tables.join(''))
  for (let at = 0; at < 40; at += 1) {
    if (at === 10) [3, 4, 11].forEach((place) => { upstreams[place].status = 500 })
    await login(proxy.origin, at % 4 === 3 ? 'a_wholly_unknown' : `player_of_no_${at % 5}`)
  }
  return proxy
}
