// A site of somebody else that players come from and go back to: a dashboard, or a service. It shows what it was told.
import { once } from 'node:events'
import { createServer } from 'node:http'

export class Site {
  /** Every request: its path with its query, and its headers. */
  seen = []
  /** Links on its pages, by their text. */
  links = {}
  #name
  #origin
  #read = 0

  /** Starts on a free port; ends with the test `t`. */
  static async start(t, name) {
    const site = new Site()
    site.#name = name
    const server = createServer((request, response) => {
      site.seen.push({ url: request.url, headers: request.headers })
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }).end(site.#page())
    })
    // Not the host of the program, whose cookies would come along: browsers do not tell ports apart for them.
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    site.#origin = `http://127.0.0.1:${server.address().port}`
    t.after(() => {
      server.close()
      server.closeAllConnections()
    })
    return site
  }

  get origin() {
    return this.#origin
  }

  /** What the next browser that comes here is told, once it is here. */
  async received(page) {
    this.#read += 1
    await page.getByText(`${this.#name}, visit ${this.#read}.`).waitFor()
    return JSON.parse(await page.locator('output').textContent())
  }

  /** As dashboards do, it takes the token out of the address at once. */
  #page() {
    const links = Object.entries(this.links).map(([text, url]) => `<a href="${url.replaceAll('&', '&amp;')}">${text}</a>`)
    return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>${this.#name}</title>
      <h1>${this.#name}</h1><output></output>${links.join(' ')}
      <script>
        const of = (text) => Object.fromEntries(new URLSearchParams(text.slice(1)))
        const told = { path: location.pathname, query: of(location.search), fragment: of(location.hash) }
        document.querySelector('output').textContent = JSON.stringify(told)
        history.replaceState(null, '', location.pathname)
      </script><p>${this.#name}, visit ${this.seen.length}.</p>`
  }
}
