// A service asks a player for access, and the player says yes, no, or that they are somebody else; later, they take it back.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { browse, deploy, heading, isGood, signIn } from './deployment.mjs'

const PICTURES = fileURLToPath(new URL('../../target/page/', import.meta.url))
const LOGIN = '/v1/auth/microsoft/login'
const ACCOUNT = '/v1/account'
const SLUG = 'build-moe'
const QUESTION = 'Allow access to your account?'

/** A deployment whose service has a link to the question. */
async function asking(t) {
  const site = await deploy(t, (service) => ({
    login: 'consent = "builtin"',
    rest: `[[login.services]]\nslug = "${SLUG}"\nname = "Build.moe"\nredirects = ["${service.origin}/auth/callback"]\n`
      + 'permissions = ["profile:read", "totem:read"]\nverification_level = "original"\nverified = true\n',
  }))
  const query = new URLSearchParams({ service: SLUG, redirect: `${site.service.origin}/auth/callback`, state: 'a b&c' })
  site.service.links = { 'Sign in with Localhost': `${site.origin}/v1/auth/service/exchange?${query}` }
  return site
}

/** From the service to the question, signing in on the way. */
async function ask(page, { service }) {
  await page.goto(`${service.origin}/`)
  await service.received(page)
  await page.getByRole('link', { name: 'Sign in with Localhost' }).click()
}

async function askStranger(page, site) {
  await ask(page, site)
  await heading(page, 'Microsoft')
  await page.getByRole('button', { name: 'Approve' }).click()
  await heading(page, QUESTION)
}

test('a player who approves is back at the service, which gets a token of its own', async (t) => {
  const site = await asking(t)
  const page = await browse(t)
  await askStranger(page, site)
  assert.match(await page.getByRole('region', { name: 'Who asks' }).innerText(), /Build\.moe[^]*Verified[^]*Sends you back to 127\.0\.0\.1/)
  const permissions = page.getByRole('region', { name: 'It will be able to' }).getByRole('listitem')
  assert.deepEqual((await permissions.allInnerTexts()).map((text) => text.split(/\s/).at(-1)), ['profile:read', 'totem:read'])
  await page.getByRole('button', { name: 'Approve' }).click()
  const { path, query, fragment } = await site.service.received(page)
  assert.deepEqual([path, query, Object.keys(fragment)], ['/auth/callback', {}, ['authToken', 'expiresAt', 'service', 'state']])
  assert.deepEqual([fragment.service, fragment.state], [SLUG, 'a b&c'])
  assert.deepEqual([await isGood(site.origin, fragment.authToken, SLUG), await isGood(site.origin, fragment.authToken)], [true, false])
  assert.ok(!JSON.stringify(site.service.seen).includes(fragment.authToken), 'neither an address nor a header of the service')
})

test('a player who denies is back at the service, which gets no token', async (t) => {
  const site = await asking(t)
  const page = await browse(t)
  await askStranger(page, site)
  await page.getByRole('button', { name: 'Deny' }).click()
  assert.deepEqual(await site.service.received(page), {
    path: '/auth/callback', query: {}, fragment: { error: 'access_denied', state: 'a b&c' },
  })
  await page.goto(`${site.origin}${ACCOUNT}`)
  assert.match(await page.getByRole('region', { name: 'Services with access' }).innerText(), /None\./)
})

test('a question is answered once', async (t) => {
  const site = await asking(t)
  const page = await browse(t)
  await askStranger(page, site)
  const question = page.url()
  await page.getByRole('button', { name: 'Approve' }).click()
  await site.service.received(page)
  await page.goBack()
  await heading(page, 'This request is over')
  assert.equal(page.url(), question)
})

test('who is somebody else signs out, signs in and is asked again', async (t) => {
  const site = await asking(t)
  const page = await browse(t)
  await askStranger(page, site)
  const account = page.getByRole('region', { name: 'Your account' })
  assert.match(await account.innerText(), /Notch/)
  await account.getByRole('button', { name: 'Sign out' }).click()
  await heading(page, 'You are signed out')
  site.microsoft.player = { id: '853c80ef3c3749fdaa49938b674adae6', name: 'jeb_' }
  await page.getByRole('link', { name: 'Sign in with Microsoft' }).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  await heading(page, QUESTION)
  assert.match(await account.innerText(), /jeb_/)
  await page.getByRole('button', { name: 'Approve' }).click()
  const { fragment } = await site.service.received(page)
  const claims = JSON.parse(Buffer.from(fragment.authToken.split('.')[1], 'base64url'))
  assert.equal(claims.sub, '853c80ef-3c37-49fd-aa49-938b674adae6')
})

test('with a keyboard alone a player approves, and later takes the access back', async (t) => {
  const site = await asking(t)
  const page = await browse(t)
  await signIn(page, `${site.origin}${LOGIN}?resume=account`)
  await heading(page, 'Your account')
  const asked = site.microsoft.asked()
  await ask(page, site)
  await heading(page, QUESTION)
  assert.equal(site.microsoft.asked(), asked, 'who is signed in is only asked')
  const press = async (name) => {
    for (let at; at !== name; at = await page.evaluate(() => document.activeElement.textContent)) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
  }
  await press('Approve')
  const { authToken } = (await site.service.received(page)).fragment
  await page.goto(`${site.origin}${ACCOUNT}`)
  const services = page.getByRole('region', { name: 'Services with access' })
  assert.match(await services.innerText(), /Build\.moe[^]*build-moe/)
  assert.ok(await isGood(site.origin, authToken, SLUG))
  await press('Revoke the access of Build.moe')
  assert.equal(await page.getByRole('status').textContent(), 'The service has lost its access.')
  assert.match(await services.innerText(), /None\./)
  assert.equal(await isGood(site.origin, authToken, SLUG), false)
  await page.reload()
  await heading(page, 'Your account')
})

test('a request that is not good goes nowhere', async (t) => {
  const site = await asking(t)
  const page = await browse(t)
  const callback = encodeURIComponent(`${site.service.origin}/auth/callback`)
  for (const [query, title] of [
    [`redirect=${callback}`, 'No service was named'],
    [`service=unknown&redirect=${callback}`, 'This service is not known'],
    [`service=${SLUG}&redirect=${callback}%2F`, 'This link is not allowed'],
    [`service=${SLUG}`, 'This link is not allowed'],
  ]) {
    await page.goto(`${site.origin}/v1/auth/service/exchange?${query}`)
    await heading(page, title)
  }
  assert.deepEqual(site.service.seen, [])
})

test('pictures to look at, in target/page', async (t) => {
  await mkdir(PICTURES, { recursive: true })
  const site = await asking(t)
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browse(t, { viewport: { width, height: 844 }, colorScheme })
      const show = (name) => page.screenshot({ path: `${PICTURES}flow-${name}-${width}-${colorScheme}.png`, fullPage: true })
      await askStranger(page, site)
      await show('consent')
      await page.getByRole('button', { name: 'Approve' }).click()
      await site.service.received(page)
      await page.goto(`${site.origin}${ACCOUNT}`)
      await heading(page, 'Your account')
      await show('account-with-service')
    }
  }
})
