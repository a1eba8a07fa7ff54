// The pages of the login API as players use them: with a keyboard, with a screen reader, on a phone, in the dark.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { open } from './browser.mjs'
import { head, names, serve } from './drawn.mjs'

const PICTURES = fileURLToPath(new URL('../../target/page/', import.meta.url))
/** Where the drawn pages lead, and what they carry there. */
const AWAY = 'https://build.moe/auth/callback#authToken=eyJhbGciOiJFUzI1NiJ9.e30.c2ln&expiresAt=2026-12-21T09:38:10Z'
const PATH = '/v1/auth/somewhere'
const ID = '0198f3a2-7c1e-7b3a-9f10-3c5d7e9a1b2c'
/** A page whose status is an error is noted by the browser itself. */
const OWN_NOTE = /^error: Failed to load resource: the server responded with a status of/

/** Opens a page; whatever is of another site is answered by a page that says where it is, or by nothing. */
async function show(t, origin, name, options = {}, away = 'nothing') {
  const opened = await open(t, 'about:blank', options)
  await opened.page.context().route(/^https:/, (route) => {
    if (away === 'nothing') return route.abort('aborted')
    return route.fulfill({ contentType: 'text/html', body: '<title>elsewhere</title><h1>Elsewhere</h1>' })
  })
  await opened.page.goto(`${origin}/${name}`)
  return opened
}

/** Texts whose colour is too near to what is behind them. */
function faint(page) {
  return page.evaluate(() => {
    const channels = (colour) => colour.match(/[\d.]+/g).map(Number)
    const luminance = (colour) => {
      const [r, g, b] = channels(colour).map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor
        if ((channels(colour)[3] ?? 1) === 1) return colour
      }
      throw new Error('the page itself has no colour')
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const found = []
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement
      if (texts.currentNode.data.trim() === '' || !element.checkVisibility()) continue
      const [light, dark] = [getComputedStyle(element).color, behind(element)].map(luminance).sort((a, b) => b - a)
      const contrast = (light + 0.05) / (dark + 0.05)
      if (contrast < 4.5) found.push(`${texts.currentNode.data.trim()}: ${contrast.toFixed(2)}`)
    }
    return found
  })
}

/** What the Tab key reaches, by name, in this order; each can be seen to be reached. */
async function tabOrder(page) {
  const reached = []
  for (;;) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const element = document.activeElement
      const name = element.labels?.[0]?.textContent ?? element.textContent
      return { name, outline: getComputedStyle(element).outlineStyle, nowhere: element === document.body }
    })
    if (at.nowhere) return reached
    assert.equal(at.outline, 'solid', `${at.name}: the focus can be seen`)
    reached.push(at.name)
  }
}

test('every page is whole, loads nothing, sticks out nowhere and can be read in light and dark', async (t) => {
  const { origin } = await serve(t)
  const { page, complaints, requests } = await show(t, origin, 'sign-in')
  for (const name of await names()) {
    requests.length = 0
    await page.goto(`${origin}/${name}`)
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1, name)
    assert.equal(await page.getByRole('banner').count(), 1, name)
    assert.equal(await page.getByRole('main').count(), 1, name)
    const title = await page.getByRole('heading', { level: 1 }).textContent()
    assert.ok((await page.title()).startsWith(`${title} · `), name)
    const levels = await page.locator('h1, h2, h3').evaluateAll((all) => all.map((heading) => Number(heading.tagName[1])))
    levels.forEach((level, at) => assert.ok(level <= (levels[at - 1] ?? 0) + 1, `${name}: no level is left out: ${levels}`))
    for (const control of await page.locator('a, button, textarea').all()) {
      assert.match(await control.ariaSnapshot(), /^- (link|button|textbox) "[^"]+"/, `${name}: everything to press has a name`)
    }
    for (const width of [360, 390, 1280]) {
      await page.setViewportSize({ width, height: 844 })
      const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(sticksOut <= 0, `${name} at ${width}: ${sticksOut} pixels too wide`)
    }
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      assert.deepEqual(await faint(page), [], `${name}, ${colorScheme}`)
    }
    assert.deepEqual(requests.filter((url) => !AWAY.startsWith(url)), [`${origin}/${name}`])
  }
  assert.deepEqual(complaints.filter((complaint) => !OWN_NOTE.test(complaint)), [])
})

test('every page is sent with strict headers', async () => {
  for (const name of await names()) {
    const { headers } = await head(name)
    const policy = headers['content-security-policy']
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/)
    assert.deepEqual([headers['cache-control'], headers['referrer-policy'], headers['x-frame-options']], ['no-store', 'no-referrer', 'DENY'])
  }
})

test('consent is given and refused with a keyboard, and each form says which', async (t) => {
  const { origin, posted } = await serve(t)
  const { page, complaints } = await show(t, origin, 'consent')
  assert.deepEqual(await tabOrder(page), ['Sign out', 'Approve', 'Deny'])
  for (const [button, fields] of [
    ['Approve', { csrf: ID, request: ID, decision: 'approve' }],
    ['Deny', { csrf: ID, request: ID, decision: 'deny' }],
    ['Sign out', { csrf: ID, request: ID }],
  ]) {
    await page.goto(`${origin}/consent`)
    await page.getByRole('button', { name: button, exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    const { path, fields: sent, headers } = posted.pop()
    assert.deepEqual([path, sent], [PATH, fields])
    // The page sends no referrer, so a form of it has no origin that could be checked either.
    assert.deepEqual([headers['sec-fetch-site'], headers.origin, headers.referer], ['same-origin', 'null', undefined])
  }
  assert.deepEqual(complaints, [])
})

test('consent says who asks, who is asked and for what', async (t) => {
  const { origin } = await serve(t)
  const { page } = await show(t, origin, 'consent')
  const asks = page.getByRole('region', { name: 'Who asks' })
  for (const said of ['Build.moe', 'Verified', 'build-moe', 'Sends you back to build.moe', 'login.example.net knows who runs this service']) {
    assert.match(await asks.innerText(), new RegExp(said))
  }
  assert.match(await page.getByRole('region', { name: 'Your account' }).innerText(), /Steve/)
  const permissions = page.getByRole('region', { name: 'It will be able to' })
  const items = ['See your player name and UUID profile:read', 'See your Totem data totem:read', 'Change your Totem data totem:write']
  assert.deepEqual(await permissions.getByRole('listitem').allTextContents(), items)
  assert.match(await permissions.innerText(), /good for 30 days/)
  await page.goto(`${origin}/consent-much`)
  assert.match(await asks.innerText(), /Not verified[^]*localhost:3000, a program on your computer[^]*Nobody here has checked/)
  assert.equal(await permissions.getByRole('listitem').count(), 30)
  assert.equal(await permissions.getByRole('listitem').nth(3).innerText(), 'guild.3:members:write')
})

test('the account page: what there is, and what ends it', async (t) => {
  const { origin, posted } = await serve(t, 'revoked')
  const { page, complaints } = await show(t, origin, 'account')
  assert.deepEqual(await tabOrder(page), ['Sign out', 'Revoke the access of Build.moe', 'Revoke the access of Dash', 'Sign out everywhere'])
  const headings = await page.getByRole('heading').allInnerTexts()
  assert.deepEqual(headings.map((text) => text.replace(/\s+/g, ' ')), [
    'Your account', 'Services with access', 'Build.moe Verified', 'Dash Not verified', 'Recent sign-ins',
  ])
  const rows = page.getByRole('table', { name: 'Recent sign-ins' }).getByRole('row')
  const texts = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())
  assert.deepEqual(texts, [
    'Signed in Program Address',
    '21 Nov 2026, 09:38 UTC Chrome on Windows 203.0.113.7',
    '20 Nov 2026, 22:31 UTC This session Firefox on Linux 203.0.113.7',
    '20 Nov 2026, 11:24 UTC TotemMod/1.0 203.0.113.7',
    '20 Nov 2026, 00:18 UTC Program not kept Address not kept',
  ])
  await page.getByRole('button', { name: 'Revoke the access of Build.moe' }).press('Enter')
  assert.equal(await page.getByRole('status').textContent(), 'The service has lost its access.')
  assert.deepEqual([posted[0].path, posted[0].fields], [PATH, { csrf: ID, service: 'build-moe' }])
  for (const name of ['Sign out', 'Sign out everywhere']) {
    await page.getByRole('button', { name, exact: true }).press('Space')
    await page.waitForLoadState()
    assert.deepEqual(posted.at(-1).fields, { csrf: ID })
  }
  await page.setViewportSize({ width: 390, height: 844 })
  const roles = ['columnheader', 'rowheader', 'cell']
  const counts = await Promise.all(roles.map((role) => page.getByRole('table', { name: 'Recent sign-ins' }).getByRole(role).count()))
  assert.deepEqual(counts, [3, 4, 8], 'still a table where it is laid out as lines')
  await page.goto(`${origin}/account-nothing`)
  assert.match(await page.getByRole('main').innerText(), /Services that you approve show here\.[^]*None are kept\./)
  assert.deepEqual(complaints, [])
})

test('the token can be read and copied, and not be changed', async (t) => {
  const { origin } = await serve(t)
  const { page, complaints } = await show(t, origin, 'token')
  const box = page.getByRole('textbox', { name: 'Your token' })
  assert.deepEqual(await tabOrder(page), ['Your token', 'Your account'])
  await box.focus()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Control+C')
  await page.keyboard.type('x')
  const clipboard = await page.evaluate(() => navigator.clipboard.readText())
  assert.match(clipboard, /^eyJ[^\s]+\.c2lnbmF0dXJl$/)
  assert.equal(await box.inputValue(), clipboard)
  assert.match(await page.getByRole('main').innerText(), /Good for 30 days, until 21 Dec 2026, 09:38 UTC\./)
  assert.deepEqual(complaints, [])
})

test('the answer to a form leads to another site as a page, which a redirect would not', async (t) => {
  const page = await serve(t, 'redirecting')
  const { page: player, complaints } = await show(t, page.origin, 'consent', {}, 'elsewhere')
  await player.getByRole('button', { name: 'Approve' }).press('Enter')
  await player.waitForURL(AWAY)
  await player.goBack()
  assert.deepEqual(complaints, [])

  const redirect = await serve(t, AWAY)
  const stuck = await show(t, redirect.origin, 'consent', {}, 'elsewhere')
  const refused = stuck.page.waitForEvent('console', (message) => /form-action/.test(message.text()))
  await stuck.page.getByRole('button', { name: 'Approve' }).press('Enter')
  await refused
  assert.equal(stuck.page.url(), `${redirect.origin}/consent`)
})

test('who is not led on by itself follows the link', async (t) => {
  const { origin } = await serve(t)
  const { page } = await show(t, origin, 'redirecting')
  assert.equal(await page.getByRole('heading').textContent(), 'Signing you in…')
  const link = page.getByRole('link', { name: 'Continue to build.moe' })
  assert.equal(await link.getAttribute('href'), AWAY)
  assert.deepEqual(await tabOrder(page), ['Continue to build.moe'])
})

test('pictures to look at, in target/page', async (t) => {
  await mkdir(PICTURES, { recursive: true })
  const { origin } = await serve(t)
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      const { page } = await show(t, origin, 'sign-in', { viewport: { width, height: 844 }, colorScheme })
      for (const name of (await names()).filter((one) => !one.startsWith('error-'))) {
        await page.goto(`${origin}/${name}`)
        await page.screenshot({ path: `${PICTURES}login-${name}-${width}-${colorScheme}.png`, fullPage: true })
      }
    }
  }
})
