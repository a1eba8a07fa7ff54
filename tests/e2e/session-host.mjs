// How the game server reaches the proxy: its library asks https://sessionserver.mojang.com and has no setting for another
// host, but it takes an agent. This one agrees to that address and connects to the proxy instead, without TLS. Nothing else
// changes: the request is the one that Mojang would get, `Host: sessionserver.mojang.com` included.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Agent } from 'node:https'
import { connect } from 'node:net'

const STARTED = 'http.client.request.start'
const ANSWERED = 'http.client.response.finish'

export class SessionHost extends Agent {
  /** What the game server was told, by the player it asked about: status, headers, body, and after how long. */
  answers = new Map()
  #asked = new WeakMap()

  constructor(port) {
    super({ keepAlive: true })
    this.port = port
    subscribe(STARTED, this.#onStarted)
    subscribe(ANSWERED, this.#onAnswered)
  }

  createConnection() {
    return connect({ port: this.port, host: '127.0.0.1', noDelay: true })
  }

  destroy() {
    unsubscribe(STARTED, this.#onStarted)
    unsubscribe(ANSWERED, this.#onAnswered)
    super.destroy()
  }

  #onStarted = ({ request }) => {
    if (request.agent === this) this.#asked.set(request, performance.now())
  }

  /** Reads along; the library gets the same bytes and knows nothing of it. */
  #onAnswered = ({ request, response }) => {
    if (request.agent !== this) return
    const { statusCode: status, headers } = response
    const answer = { status, headers, body: '', milliseconds: performance.now() - this.#asked.get(request) }
    response.on('data', (bytes) => { answer.body += bytes })
    this.answers.set(new URL(request.path, 'http://proxy').searchParams.get('username'), answer)
  }
}
