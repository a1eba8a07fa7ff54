// A session server that does as it is told: knows some players, fails, takes its time. It says nothing it was not told to say.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

export class Upstream {
  /** Players it vouches for. */
  knows = new Set()
  /** Answers with this status instead, when it is set. */
  status
  /** Before every answer. */
  delayMs = 0
  #server

  /** Starts on a free port; ends with the test `t`. */
  static async start(t, ...players) {
    const upstream = new Upstream()
    players.forEach((player) => upstream.knows.add(player))
    upstream.#server = createServer((request, response) => upstream.#answer(request, response))
    upstream.#server.listen(0, '127.0.0.1')
    await once(upstream.#server, 'listening')
    t.after(() => {
      upstream.#server.close()
      upstream.#server.closeAllConnections()
    })
    return upstream
  }

  /** Its table in the configuration, with these lines besides. */
  table(id, lines = 'attests = "mojang"') {
    return `[upstreams.${id}]\nurl = "http://127.0.0.1:${this.#server.address().port}/hasJoined"\n${lines}\n`
  }

  #answer(request, response) {
    const name = new URL(request.url, 'http://upstream').searchParams.get('username')
    setTimeout(() => {
      if (this.status !== undefined) response.writeHead(this.status).end()
      else if (!this.knows.has(name)) response.writeHead(204).end()
      else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(profile(name)))
    }, this.delayMs)
  }
}

function profile(name) {
  return { id: createHash('md5').update(name).digest('hex'), name, properties: [] }
}
