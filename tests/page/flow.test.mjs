// Signing in with Microsoft, and the account page, from a browser's first request to its last.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { browse, deploy, heading, isGood, signIn } from './deployment.mjs'

const PICTURES = fileURLToPath(new URL('../../target/page/', import.meta.url))
const LOGIN = '/v1/auth/microsoft/login'
const CALLBACK = '/v1/auth/microsoft/callback'
const EXCHANGE = '/v1/auth/session/exchange'
const ACCOUNT = '/v1/account'
const NO_XBOX = { Identity: '0', XErr: 2148916233, Message: '', Redirect: 'https://start.ui.xboxlive.com/CreateAccount' }

/** Signs in for the dashboard; what it was told. */
async function signInForDash(page, { origin, dash }) {
  await signIn(page, `${origin}${LOGIN}?platform=dash`)
  return (await dash.received(page)).fragment
}

test('the dashboard gets a token that is good, and no server sees it in an address', async (t) => {
  const site = await deploy(t)
  const page = await browse(t)
  await signIn(page, `${site.origin}${LOGIN}?platform=dash`)
  const { path, query, fragment } = await site.dash.received(page)
  assert.deepEqual([path, query, Object.keys(fragment)], ['/', {}, ['authToken', 'expiresAt']])
  const days = (Date.parse(fragment.expiresAt) - Date.now()) / 86_400_000
  assert.ok(days > 29.9 && days <= 30, fragment.expiresAt)
  assert.ok(await isGood(site.origin, fragment.authToken))
  assert.deepEqual(site.dash.seen.map(({ url }) => url), ['/'])
  for (const secret of [fragment.authToken, ...site.microsoft.given]) {
    assert.ok(!JSON.stringify(site.dash.seen).includes(secret), 'neither an address nor a header of the dashboard')
  }
  assert.ok(!site.seen.join().includes(fragment.authToken))
  assert.equal(site.dash.seen[0].headers.referer, undefined, 'it is not told where from')
})

test('who declines at Microsoft is back at the dashboard, which is told why', async (t) => {
  const site = await deploy(t)
  const page = await browse(t)
  await signIn(page, `${site.origin}${LOGIN}?platform=dash`, 'Decline')
  const told = await site.dash.received(page)
  assert.deepEqual(told, { path: '/', query: { loginError: 'Sign-in was cancelled.', loginErrorCode: 'access_denied' }, fragment: {} })
  assert.equal(site.microsoft.asked('token'), 0)

  await signIn(page, `${site.origin}${LOGIN}`, 'Decline')
  await heading(page, 'Signing in was cancelled')
  assert.ok(!(await page.content()).includes('AADSTS'))
  await page.getByRole('link', { name: 'Start again' }).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  await heading(page, 'You are signed in')
})

test('who has no Xbox profile is told so, by the dashboard or by a page that says what to do', async (t) => {
  const site = await deploy(t)
  const page = await browse(t)
  site.microsoft.fails('xsts', 401, NO_XBOX)
  await signIn(page, `${site.origin}${LOGIN}?platform=dash`)
  const { query, fragment } = await site.dash.received(page)
  assert.deepEqual([query.loginErrorCode, fragment], ['xbox_no_account', {}])
  assert.match(query.loginError, /no Xbox profile/)

  await signIn(page, `${site.origin}${LOGIN}`)
  await heading(page, 'No Xbox profile yet')
  assert.equal(await page.getByRole('link', { name: 'Open xbox.com' }).getAttribute('href'), 'https://www.xbox.com/')
  assert.match(await page.getByRole('main').innerText(), /sign in here again[^]*xbox_no_account/)
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await page.getByRole('button', { name: 'Approve' }).waitFor()
  await page.goto(`${site.origin}${ACCOUNT}`)
  await heading(page, 'Please sign in')
})

test('signing in for nobody shows the token; the account page says which session this is, and signs it out', async (t) => {
  const site = await deploy(t)
  const page = await browse(t)
  await signIn(page, `${site.origin}${LOGIN}`)
  await heading(page, 'You are signed in')
  const token = await page.getByRole('textbox', { name: 'Your token' }).inputValue()
  assert.ok(await isGood(site.origin, token))
  await page.getByRole('link', { name: 'Your account' }).click()
  await heading(page, 'Your account')
  assert.equal(page.url(), `${site.origin}${ACCOUNT}`)
  assert.match(await page.getByRole('region', { name: 'Player' }).innerText(), /Notch\s+069a79f4-44e9-4726-a5be-fca90e38aaf5/)
  const sessions = page.getByRole('table', { name: 'Recent sign-ins' }).getByRole('row')
  assert.equal(await sessions.count(), 2)
  assert.match(await sessions.nth(1).innerText(), /UTC\s+This session\s+Chrome on Linux\s+203\.0\.113\.7/)

  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await heading(page, 'You are signed out')
  assert.equal(await isGood(site.origin, token), false)
  assert.deepEqual((await page.context().cookies(site.origin)).map(({ name }) => name), [])
  // Back over the account page to the page that has shown the token.
  await page.goBack()
  await heading(page, 'Please sign in')
  assert.ok(!(await page.content()).includes('Notch'))
  await page.goBack()
  await heading(page, 'Signing in cannot go on')
  assert.ok(!(await page.content()).includes(token))
})

test('who signs out everywhere is signed out in the other browser as well', async (t) => {
  const site = await deploy(t)
  const [page, other] = [await browse(t), await browse(t)]
  const tokens = [(await signInForDash(page, site)).authToken, (await signInForDash(other, site)).authToken]
  await other.goto(`${site.origin}${ACCOUNT}`)
  const sessions = other.getByRole('table', { name: 'Recent sign-ins' }).getByRole('row')
  const marked = (await sessions.allInnerTexts()).map((text) => text.includes('This session'))
  assert.deepEqual(marked, [false, true, false])
  await page.goto(`${site.origin}${ACCOUNT}`)
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await heading(page, 'You are signed out everywhere')
  for (const token of tokens) assert.equal(await isGood(site.origin, token), false)
  await other.reload()
  await heading(other, 'Please sign in')
  // Once more, by the way the page shows.
  await other.getByRole('link', { name: 'Sign in with Microsoft' }).click()
  await heading(other, 'Microsoft')
  await other.getByRole('button', { name: 'Approve' }).click()
  await heading(other, 'Your account')
})

test('a way back from Microsoft is good once, and in the browser that began it', async (t) => {
  const site = await deploy(t)
  const [page, other] = [await browse(t), await browse(t)]
  await signIn(page, `${site.origin}${LOGIN}`)
  await heading(page, 'You are signed in')
  assert.ok(page.url().startsWith(`${site.origin}${CALLBACK}?code=`))
  const used = page.url()
  const refused = async (at, go) => {
    await go()
    await heading(at, 'Signing in cannot go on')
    assert.match(await at.getByRole('main').innerText(), /took too long, was finished already, or was started in another browser/)
  }
  await refused(page, () => page.reload())
  await refused(other, () => other.goto(used))
  assert.equal(site.microsoft.asked('token'), 1)
  // One that nobody has used yet, taken from the browser that it is meant for.
  await page.goto(`${site.origin}${LOGIN}`)
  const asked = await page.locator('input[name=asked]').inputValue()
  const form = new URLSearchParams({ asked, is: 'yes' })
  const button = await page.locator('form').evaluate(({ action }) => action)
  const answer = await fetch(button, { method: 'POST', body: form, redirect: 'manual' })
  await refused(other, () => other.goto(answer.headers.get('location')))
  await refused(page, () => page.goto(`${site.origin}${CALLBACK}?code=x&state=${'A'.repeat(43)}`))
  assert.equal(site.microsoft.asked('token'), 1, 'Microsoft is asked about none of them')
})

test('a browser that is signed in gets the dashboard another token, and Microsoft is not asked', async (t) => {
  const site = await deploy(t)
  const page = await browse(t)
  site.dash.links = { Renew: `${site.origin}${EXCHANGE}?platform=dash` }
  await page.goto(`${site.dash.origin}/`)
  await site.dash.received(page)
  // Nobody is signed in yet.
  await page.getByRole('link', { name: 'Renew' }).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  const first = (await site.dash.received(page)).fragment.authToken
  const asked = site.microsoft.asked()
  await page.getByRole('link', { name: 'Renew' }).click()
  const { fragment } = await site.dash.received(page)
  assert.notEqual(fragment.authToken, first)
  assert.deepEqual([await isGood(site.origin, first), await isGood(site.origin, fragment.authToken)], [true, true])
  assert.equal(site.microsoft.asked(), asked)
  assert.ok(!JSON.stringify(site.dash.seen).includes(fragment.authToken))
  await page.goto(`${site.origin}${ACCOUNT}`)
  assert.equal(await page.getByText('This session').count(), 1, 'it is still one session')
})

test('a keyboard is enough to sign in, to see to the account, and to sign out', async (t) => {
  const site = await deploy(t)
  const page = await browse(t)
  const press = async (name) => {
    for (let at; at !== name; at = await page.evaluate(() => document.activeElement.textContent)) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
  }
  await page.goto(`${site.origin}${ACCOUNT}`)
  await press('Sign in with Microsoft')
  await heading(page, 'Microsoft')
  await press('Approve')
  await heading(page, 'Your account')
  await press('Sign out')
  await heading(page, 'You are signed out')
  await press('Sign in with Microsoft')
  await heading(page, 'Microsoft')
  await press('Approve')
  await heading(page, 'Your account')
  await press('Sign out everywhere')
  await heading(page, 'You are signed out everywhere')
})

test('a link to somewhere else leads nowhere', async (t) => {
  const site = await deploy(t)
  const page = await browse(t)
  for (const redirect of ['https://evil.example/', `${site.origin}@evil.example`, '//evil.example']) {
    await page.goto(`${site.origin}${LOGIN}?platform=dash&redirect=${encodeURIComponent(redirect)}`)
    await heading(page, 'This link is not allowed')
    assert.ok(!(await page.content()).includes('evil.example'))
  }
  assert.equal(site.microsoft.asked(), 0)
})

test('pictures to look at, in target/page', async (t) => {
  await mkdir(PICTURES, { recursive: true })
  const site = await deploy(t)
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browse(t, { viewport: { width, height: 844 }, colorScheme })
      const show = async (name, title) => {
        await heading(page, title)
        const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        assert.ok(sticksOut <= 0, `${name} at ${width}: ${sticksOut} pixels too wide`)
        await page.screenshot({ path: `${PICTURES}flow-${name}-${width}-${colorScheme}.png`, fullPage: true })
      }
      await page.goto(`${site.origin}${ACCOUNT}`)
      await show('sign-in', 'Please sign in')
      await signIn(page, `${site.origin}${LOGIN}`, 'Decline')
      await show('cancelled', 'Signing in was cancelled')
      site.microsoft.fails('xsts', 401, NO_XBOX)
      await signIn(page, `${site.origin}${LOGIN}`)
      await show('no-xbox', 'No Xbox profile yet')
      site.microsoft.mend()
      await signIn(page, `${site.origin}${LOGIN}`)
      await show('token', 'You are signed in')
      await page.reload()
      await show('state', 'Signing in cannot go on')
      await page.goto(`${site.origin}${ACCOUNT}`)
      await show('account', 'Your account')
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await show('signed-out', 'You are signed out')
      await page.goto(`${site.origin}${LOGIN}?redirect=https://evil.example`)
      await show('not-allowed', 'This link is not allowed')
    }
  }
})
