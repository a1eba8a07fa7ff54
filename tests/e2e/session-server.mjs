// A session server of the test, seen from outside: where it is, what it was asked, and an end to it. It has accounts of its own
// and knows nothing of the proxy or of other session servers.
import { EventEmitter, once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Manner } from './account.mjs'

const THREAD = new URL('./session-server-thread.mjs', import.meta.url)
const PATIENCE_MS = 5000

export class SessionServer extends EventEmitter {
  /** Every join it took and every question it was asked, in order. */
  events = []

  /** Starts on a port of its own. */
  static async start(accounts = [], manner = Manner.HONEST) {
    const server = new SessionServer(new Worker(THREAD, { workerData: { accounts, manner } }))
    const [{ port }] = await once(server.worker, 'message')
    server.base = `http://127.0.0.1:${port}`
    server.worker.on('message', (event) => server.#note(event))
    return server
  }

  constructor(worker) {
    super()
    this.worker = worker
  }

  /** What the proxy's configuration takes as `url`; a client takes `base`. */
  get hasJoinedUrl() {
    return `${this.base}/session/minecraft/hasJoined`
  }

  /** Resolves once this player has joined here. */
  joined(name) {
    return this.#noted('join', name)
  }

  /** Resolves once the proxy has asked about this player. */
  asked(name) {
    return this.#noted('question', name)
  }

  /** Stops at once; stopping twice is fine, so that a test can take a server down early. */
  async stop() {
    await this.worker.terminate()
  }

  #note(event) {
    this.events.push(event)
    this.emit('noted')
  }

  async #noted(kind, name) {
    const found = () => this.events.find((event) => event.kind === kind && event.name === name)
    const signal = AbortSignal.timeout(PATIENCE_MS)
    while (!found()) {
      await once(this, 'noted', { signal }).catch(() => { throw new Error(`${this.base} has seen no ${kind} of ${name}`) })
    }
    return found()
  }
}
