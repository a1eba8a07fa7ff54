// The program with its login API as it is deployed: behind a reverse proxy, whose address is known before the program starts, registered
// with the fake of Microsoft, with a dashboard and a service beside it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as ask } from 'node:http'
import { open } from './browser.mjs'
import { CLIENT_ID, CLIENT_SECRET, Microsoft } from './microsoft.mjs'
import { launch } from './proxy.mjs'
import { Site } from './site.mjs'

/** Where all browsers are, as the reverse proxy says. */
const ADDRESS = '203.0.113.7'
/** A page whose status is an error is noted by the browser itself. */
const OWN_NOTE = /^error: Failed to load resource: the server responded with a status of/

/**
 * Everything there is; it ends with the test `t`, which fails when the program does not keep to the protocol. `lines` of the service
 * are added to the configuration.
 */
export async function deploy(t, lines = () => ({ login: '', rest: '' })) {
  const front = await startFront(t)
  const redirectUri = `${front.origin}/v1/auth/microsoft/callback`
  const microsoft = await Microsoft.start(t, redirectUri)
  const [dash, service] = [await Site.start(t, 'Dash'), await Site.start(t, 'Service')]
  const { login, rest } = lines(service)
  // Nobody listens on port 9 of this machine, and no test joins.
  const { origin } = await launch(t, `[server]\npublic_url = "${front.origin}"\ntrusted_proxies = ["127.0.0.1"]\n
[upstreams.mojang]\nurl = "http://127.0.0.1:9/hasJoined"\nattests = "mojang"\n
[login]\nenabled = true\ndatabase = "memory"\n${login}
[login.limits]\nenabled = false\n
[login.microsoft]\nclient_id = "${CLIENT_ID}"\nclient_secret = "${CLIENT_SECRET}"\nredirect_uri = "${redirectUri}"
dash_redirect = "${dash.origin}/"\nbuild_moe_redirect = "${service.origin}/signin"\n${microsoft.section()}${rest}`)
  front.leadsTo(origin)
  t.after(() => assert.deepEqual(microsoft.faults, [], 'what Microsoft and the others had to refuse'))
  return { origin: front.origin, seen: front.seen, microsoft, dash, service }
}

/** A reverse proxy: it tells where a client is, and keeps what it was asked for. */
async function startFront(t) {
  const seen = []
  let program
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    const { method, headers } = request
    const onward = ask(new URL(request.url, program), { method, headers: { ...headers, 'x-forwarded-for': ADDRESS } }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { origin: `http://localhost:${server.address().port}`, seen, leadsTo: (origin) => { program = origin } }
}

/** A browser of its own. The test `t` fails when a page makes it complain, or loads anything besides itself. */
export async function browse(t, options = {}) {
  const { page, complaints } = await open(t, 'about:blank', options)
  const loaded = []
  page.context().on('request', (request) => {
    if (!request.isNavigationRequest() && !request.url().startsWith('data:')) loaded.push(request.url())
  })
  t.after(() => {
    assert.deepEqual(complaints.filter((complaint) => !OWN_NOTE.test(complaint)), [], 'what the browser complained of')
    assert.deepEqual(loaded, [], 'what pages loaded')
  })
  return page
}

/** Begins to sign in at this address, and answers at Microsoft. */
export async function signIn(page, url, button = 'Approve') {
  await page.goto(url)
  await page.getByRole('heading', { name: 'Microsoft', exact: true }).waitFor()
  await page.getByRole('button', { name: button }).click()
}

/** Waits for a page of the program with this heading. */
export async function heading(page, name) {
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
}

/** Whether a token is good, perhaps that of a service. */
export async function isGood(origin, token, service) {
  const query = service === undefined ? '' : `?service=${service}`
  const { status } = await fetch(`${origin}/auth/verify${query}`, { headers: { authorization: `Bearer ${token}` } })
  assert.ok(status === 200 || status === 401, `${status}`)
  return status === 200
}
