// A fake of Microsoft, Xbox Live and Minecraft's services for browsers: a page with two buttons, then the chain behind it, each step of
// which checks what the last one gave.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

export const CLIENT_ID = '11111111-2222-3333-4444-555555555555'
export const CLIENT_SECRET = 'Qx~8Q.client-secret_never-shown'
const PATHS = {
  authorize: '/consumers/oauth2/v2.0/authorize',
  answer: '/consumers/answer',
  token: '/consumers/oauth2/v2.0/token',
  xbl: '/user/authenticate',
  xsts: '/xsts/authorize',
  login: '/mc/authentication/login_with_xbox',
  profile: '/mc/minecraft/profile',
}

/** A request that a service would refuse. */
class Refused extends Error {
  constructor(status, body) {
    super(`${status} ${JSON.stringify(body)}`)
    Object.assign(this, { status, body })
  }
}

export class Microsoft {
  /** Who signs in from now on. */
  player = { id: '069a79f444e94726a5befca90e38aaf5', name: 'Notch' }
  /** What was refused, and why: empty when the program keeps to the protocol. */
  faults = []
  /** Every code and token that was given out. */
  given = []
  #redirectUri
  #origin
  #asked = []
  #instead = new Map()
  /** What a browser, or a step, was given, and what it stands for. Each is good once. */
  #good = new Map()

  /** For an application registered with this redirect URI; ends with the test `t`. */
  static async start(t, redirectUri) {
    const microsoft = new Microsoft()
    microsoft.#redirectUri = redirectUri
    const server = createServer((request, response) => microsoft.#attend(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    microsoft.#origin = `http://127.0.0.1:${server.address().port}`
    t.after(() => {
      server.close()
      server.closeAllConnections()
    })
    return microsoft
  }

  get origin() {
    return this.#origin
  }

  /** Its part of the configuration. */
  section() {
    const url = (step) => `${this.#origin}${PATHS[step]}`
    return `[login.microsoft.endpoints]\nauthorize = "${url('authorize')}"\ntoken = "${url('token')}"\n`
      + `xbl = "${url('xbl')}"\nxsts = "${url('xsts')}"\nmc_services = "${this.#origin}/mc"\n`
  }

  /** From now on the step answers this. */
  fails(step, status, body) {
    this.#instead.set(step, new Refused(status, body))
  }

  /** From now on every step answers as it should. */
  mend() {
    this.#instead.clear()
  }

  /** How often a step was asked; of all steps together without one. */
  asked(step) {
    return this.#asked.filter((one) => step === undefined || one === step).length
  }

  async #attend(request, response) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const url = new URL(request.url, this.#origin)
    const step = Object.keys(PATHS).find((name) => PATHS[name] === url.pathname)
    if (step === undefined) return response.writeHead(404).end()
    this.#asked.push(step)
    try {
      if (this.#instead.has(step)) throw this.#instead.get(step)
      const body = Buffer.concat(chunks).toString()
      const [status, headers, answer] = this[`_${step}`](body, request, url)
      response.writeHead(status, headers).end(answer)
    } catch (refused) {
      if (this.#instead.get(step) !== refused) this.faults.push(`${step}: ${refused.message}`)
      response.writeHead(refused.status ?? 400, { 'Content-Type': 'application/json' }).end(JSON.stringify(refused.body ?? {}))
    }
  }

  /** The page that a person sees. */
  _authorize(_, request, url) {
    const query = Object.fromEntries(url.searchParams)
    const wanted = {
      client_id: CLIENT_ID, redirect_uri: this.#redirectUri, response_type: 'code', response_mode: 'query',
      code_challenge_method: 'S256', prompt: 'select_account', scope: 'XboxLive.signin offline_access',
    }
    for (const [key, value] of Object.entries(wanted)) {
      if (query[key] !== value) throw new Refused(400, { [key]: query[key] })
    }
    if (request.method !== 'GET' || query.state.length < 43 || query.code_challenge.length !== 43) throw new Refused(400, query)
    const asked = this.#give('page', { state: query.state, challenge: query.code_challenge })
    return html(`<h1>Microsoft</h1><form method="post" action="${PATHS.answer}"><input type="hidden" name="asked" value="${asked}">
      <button name="is" value="yes">Approve</button><button name="is" value="no">Decline</button></form>`)
  }

  /** What one of its buttons does: back to the program, by a POST of this site that becomes a GET of the other. */
  _answer(body) {
    const { asked, is } = Object.fromEntries(new URLSearchParams(body))
    const { state, challenge } = this.#take('page', asked)
    const back = is === 'yes'
      ? { code: this.#give('code', { challenge }), state }
      : { error: 'access_denied', error_description: '<script>AADSTS65004</script>', state }
    return [302, { Location: `${this.#redirectUri}?${new URLSearchParams(back)}` }]
  }

  _token(body) {
    const form = Object.fromEntries(new URLSearchParams(body))
    if (form.client_id !== CLIENT_ID || form.client_secret !== CLIENT_SECRET) throw new Refused(401, { error: 'invalid_client' })
    const { challenge } = this.#take('code', form.code, { error: 'invalid_grant' })
    const verified = createHash('sha256').update(form.code_verifier ?? '').digest('base64url') === challenge
    if (form.grant_type !== 'authorization_code' || form.redirect_uri !== this.#redirectUri || !verified) {
      throw new Refused(400, { error: 'invalid_grant' })
    }
    const [access, refresh] = [this.#give('xbl'), this.#give('refresh')]
    return json({ token_type: 'Bearer', expires_in: 3600, scope: form.scope, access_token: access, refresh_token: refresh })
  }

  _xbl(body, request) {
    const { Properties, RelyingParty } = ofXbox(body, request, 'http://auth.xboxlive.com')
    if (Properties.AuthMethod !== 'RPS' || !Properties.RpsTicket.startsWith('d=')) throw new Refused(400, { RelyingParty })
    this.#take('xbl', Properties.RpsTicket.slice(2))
    return this.#ticket('xsts', randomBytes(8).readBigUInt64BE().toString())
  }

  _xsts(body, request) {
    const { Properties } = ofXbox(body, request, 'rp://api.minecraftservices.com/')
    const { hash } = this.#take('xsts', Properties.UserTokens[0])
    return this.#ticket('login', hash)
  }

  _login(body) {
    const { identityToken } = JSON.parse(body)
    const [, hash, token] = /^XBL3\.0 x=([^;]+);(.+)$/.exec(identityToken)
    if (this.#take('login', token).hash !== hash) throw new Refused(401, {})
    return json({ access_token: this.#give('profile'), token_type: 'Bearer', expires_in: 86_400 })
  }

  _profile(_, request) {
    this.#take('profile', request.headers.authorization?.replace(/^Bearer /, ''))
    return json({ ...this.player, skins: [], capes: [] })
  }

  /** For the next step, and for the user of this hash. */
  #ticket(next, hash) {
    return json({ Token: this.#give(next, { hash }), DisplayClaims: { xui: [{ uhs: hash }] } })
  }

  /** Something that nobody can guess, good for one step. */
  #give(step, meaning = {}) {
    const secret = `${step}.${randomBytes(48).toString('base64url')}`
    this.#good.set(secret, { step, meaning })
    if (step !== 'page') this.given.push(secret)
    return secret
  }

  #take(step, secret, refusal = {}) {
    const held = this.#good.get(secret)
    if (held?.step !== step) throw new Refused(step === 'code' ? 400 : 401, refusal)
    this.#good.delete(secret)
    return held.meaning
  }
}

function ofXbox(body, request, party) {
  const asked = JSON.parse(body)
  if (asked.RelyingParty !== party || request.headers['x-xbl-contract-version'] !== '1') throw new Refused(400, {})
  return asked
}

function json(body) {
  return [200, { 'Content-Type': 'application/json' }, JSON.stringify(body)]
}

function html(body) {
  const head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Microsoft</title>'
  return [200, { 'Content-Type': 'text/html; charset=utf-8' }, head + body]
}
