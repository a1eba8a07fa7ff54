// The pages of the login API as `cargo test` has drawn them, served with the headers they are sent with.
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../target/page/login/', import.meta.url))

/** The names of all pages. */
export async function names() {
  const files = await readdir(FOLDER).catch(() => { throw new Error(`nothing in ${FOLDER}: run cargo test first`) })
  return files.filter((file) => file.endsWith('.html')).map((file) => file.slice(0, -'.html'.length)).sort()
}

/** A page's status and headers. */
export async function head(name) {
  const [status, ...lines] = (await readFile(join(FOLDER, `${name}.head`), 'utf8')).trimEnd().split('\n')
  return { status: Number(status), headers: Object.fromEntries(lines.map((line) => line.split(/: (.*)/, 2))) }
}

/**
 * Serves them at `/<name>`; ends with the test `t`. Forms are answered with the page called `answer`, or with a redirect where it
 * is an address, and kept in `posted`.
 */
export async function serve(t, answer = 'signed-out') {
  const posted = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    let name = request.url.slice(1)
    if (request.method === 'POST') {
      const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
      posted.push({ path: request.url, fields, headers: request.headers })
      if (answer.startsWith('https:')) return response.writeHead(302, { location: answer }).end()
      name = answer
    }
    if (!(await names()).includes(name)) return response.writeHead(404).end()
    const { status, headers } = await head(name)
    response.writeHead(status, headers).end(await readFile(join(FOLDER, `${name}.html`)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${server.address().port}`, posted }
}
