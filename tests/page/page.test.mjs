// The page as people use it: with a mouse, with a keyboard, without JavaScript, on a phone, in the dark.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { open, shown } from './browser.mjs'
import { setup, start } from './proxy.mjs'

const SOFTWARE = [
  'velocity', 'paper', 'waterfall', 'bungeecord', 'lilypad', 'gate', 'fabric', 'pumpkin', 'authlib-injector',
]
/** Holds what a shell, a format and HTML each read in their own way. */
const AWKWARD = "https://login.example.net/it's&amp;$HOME;(x)"
const PLAIN = 'https://login.example.net'
const PICTURES = fileURLToPath(new URL('../../target/page/', import.meta.url))

async function isShown(page, software, url) {
  assert.deepEqual(await shown(page), [await setup(software, url)], software)
}

test('every software is there, and shows what the command line says', async (t) => {
  const { origin, publicUrl } = await start(t, AWKWARD)
  const { page, complaints, requests } = await open(t, origin)
  const choices = page.locator('input[name=software]')
  assert.deepEqual(await choices.evaluateAll((all) => all.map((choice) => choice.value)), SOFTWARE)
  await isShown(page, 'velocity', publicUrl)
  for (const software of [...SOFTWARE].reverse()) {
    await page.locator(`label[for=pick-${software}]`).click()
    await isShown(page, software, publicUrl)
    assert.equal(new URL(page.url()).hash, `#${software}`)
  }
  assert.deepEqual(complaints, [])
  assert.deepEqual(requests, [`${origin}/`])
})

test('a keyboard is enough', async (t) => {
  const { origin, publicUrl } = await start(t, PLAIN)
  const { page, complaints } = await open(t, origin)
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className)
  await page.keyboard.press('Tab')
  for (const software of SOFTWARE) {
    assert.equal(await focused(), `pick-${software}`)
    const outline = await page.locator(`label[for=pick-${software}]`).evaluate((label) => getComputedStyle(label).outlineStyle)
    assert.equal(outline, 'solid', 'the focus can be seen')
    await isShown(page, software, publicUrl)
    await page.keyboard.press('ArrowDown')
  }
  assert.equal(await focused(), 'pick-velocity', 'after the last comes the first')
  await page.keyboard.press('Tab')
  assert.equal(await focused(), 'copy', 'the button of the guide that is shown comes next')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const clipboard = await page.evaluate(() => navigator.clipboard.readText())
  assert.equal(clipboard, '-Dmojang.sessionserver=https://login.example.net/session/minecraft/hasJoined')
  assert.deepEqual(complaints, [])
})

test('every copy button copies the lines beside it', async (t) => {
  const { origin } = await start(t, AWKWARD)
  const { page, complaints, requests } = await open(t, origin)
  let copied = 0
  for (const software of SOFTWARE) {
    await page.locator(`label[for=pick-${software}]`).click()
    for (const snippet of await page.locator(`#guide-${software} .snippet`).all()) {
      await page.evaluate(() => navigator.clipboard.writeText('nothing'))
      await snippet.getByRole('button', { name: 'Copy' }).click()
      await snippet.getByRole('button', { name: 'Copied' }).waitFor()
      assert.equal(await page.getByRole('status').textContent(), 'Copied', 'said aloud as well')
      const clipboard = await page.evaluate(() => navigator.clipboard.readText())
      assert.equal(clipboard, await snippet.locator('pre code').textContent())
      copied += 1
    }
  }
  assert.ok(copied > SOFTWARE.length, 'shell, batch file and panel have a line each')
  assert.deepEqual(complaints, [])
  assert.deepEqual(requests, [`${origin}/`])
})

test('it copies over plain HTTP too, where the clipboard of today is missing', async (t) => {
  const { origin } = await start(t, PLAIN)
  const { page, complaints } = await open(t, 'about:blank')
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  await page.goto(origin)
  await page.getByRole('button', { name: 'Copy' }).first().click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const pasted = await page.evaluate(() => new Promise((settle) => {
    document.addEventListener('paste', (event) => settle(event.clipboardData.getData('text/plain')))
    document.execCommand('paste')
    setTimeout(() => settle(getSelection().toString()), 1000)
  }))
  assert.equal(pasted, '-Dmojang.sessionserver=https://login.example.net/session/minecraft/hasJoined')
  assert.deepEqual(complaints, [])
})

test('lines can be selected by hand, whole', async (t) => {
  const { origin } = await start(t, PLAIN)
  const { page } = await open(t, origin)
  for (const software of SOFTWARE) {
    await page.locator(`label[for=pick-${software}]`).click()
    const code = page.locator(`#guide-${software} pre code`).first()
    await code.click({ position: { x: 20, y: 8 } })
    assert.equal(await page.evaluate(() => getSelection().toString()), await code.textContent(), software)
  }
})

test('without JavaScript all but the buttons is there', async (t) => {
  const { origin, publicUrl } = await start(t, PLAIN)
  const { page, complaints, requests } = await open(t, origin, { javaScriptEnabled: false })
  for (const software of SOFTWARE) {
    await page.locator(`label[for=pick-${software}]`).click()
    const visible = await page.locator('section:visible').evaluateAll((all) => all.map((section) => section.id))
    assert.deepEqual(visible, [`guide-${software}`])
    await isShown(page, software, publicUrl)
  }
  assert.equal(await page.locator('button:visible').count(), 0)
  assert.deepEqual(complaints, [])
  assert.deepEqual(requests, [`${origin}/`])
})

test('a link leads to one software', async (t) => {
  const { origin, publicUrl } = await start(t, PLAIN)
  const { page } = await open(t, `${origin}/#gate`)
  await isShown(page, 'gate', publicUrl)
})

test('an address of this machine is said to be one', async (t) => {
  const { origin, publicUrl } = await start(t)
  const { page } = await open(t, origin)
  assert.match(await page.locator('.warning').textContent(), /this machine only/)
  await isShown(page, 'velocity', publicUrl)
})

/** Where the choices are. */
function places(page) {
  return page.locator('label').evaluateAll((all) => all.map((label) => Object.values(label.getBoundingClientRect().toJSON())))
}

test('nothing moves, and nothing sticks out, down to 360 pixels', async (t) => {
  const { origin } = await start(t, 'https://a-rather-long-name.of-a-hosting-company.example.net/minecraft/sessions')
  for (const width of [360, 390, 768, 1280]) {
    const { page } = await open(t, origin, { viewport: { width, height: 800 } })
    for (const software of SOFTWARE) {
      const before = await places(page)
      await page.locator(`label[for=pick-${software}]`).click()
      assert.deepEqual(await places(page), before, `${software} at ${width}: the choices stay where they are`)
      const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(sticksOut <= 0, `${software} at ${width}: ${sticksOut} pixels too wide`)
    }
  }
})

test('the answer itself is strict', async (t) => {
  const { origin } = await start(t, PLAIN)
  const answer = await fetch(origin, { headers: { Accept: 'text/html' } })
  assert.equal(answer.status, 200)
  const header = (name) => answer.headers.get(name)
  assert.equal(header('content-type'), 'text/html; charset=utf-8')
  assert.equal(header('x-content-type-options'), 'nosniff')
  assert.equal(header('referrer-policy'), 'no-referrer')
  assert.equal(header('cache-control'), 'no-cache')
  const policy = header('content-security-policy').split('; ')
  for (const wanted of ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(wanted), wanted)
  }
  assert.ok(!/unsafe|https?:|\*/.test(policy.join()), policy.join())
  const head = await fetch(origin, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
  const posted = await fetch(origin, { method: 'POST', body: 'x' })
  assert.deepEqual([posted.status, posted.headers.get('allow'), await posted.text()], [405, 'GET, HEAD', ''])
  const elsewhere = await fetch(`${origin}/nowhere`, { headers: { Accept: 'text/html' } })
  assert.deepEqual([elsewhere.status, await elsewhere.text()], [404, ''])
})

test('pictures to look at, in target/page', async (t) => {
  await mkdir(PICTURES, { recursive: true })
  const { origin } = await start(t, PLAIN)
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      const { page } = await open(t, origin, { viewport: { width, height: 844 }, colorScheme })
      for (const software of ['velocity', 'paper', 'waterfall', 'pumpkin']) {
        await page.locator(`label[for=pick-${software}]`).click()
        await page.screenshot({ path: `${PICTURES}${software}-${width}-${colorScheme}.png`, fullPage: true })
      }
    }
  }
})
