// The program under test, as a process of its own: in front of nobody, on a free port, reached at any address one likes.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const DEBUG_BUILD = fileURLToPath(new URL('../../target/debug/hasjoined', import.meta.url))
const BINARY = process.env.HASJOINED_BIN ? resolve(process.env.HASJOINED_BIN) : DEBUG_BUILD
const LISTENS = /listening on http:\/\/127\.0\.0\.1:(\d+)/
const PATIENCE_MS = 15_000

/** The caller's own options of the program must not reach the one under test. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HASJOINED_')))

/** What the program prints for this software. */
export async function setup(software, url) {
  const { stdout } = await promisify(execFile)(BINARY, ['setup', software, '--url', url], { env: environment })
  return stdout
}

/** Starts it; it ends with the test `t`. Where no `publicUrl` is given, it is reached where it listens. */
export async function start(t, publicUrl) {
  const folder = await mkdtemp(join(tmpdir(), 'hasjoined-page-'))
  const file = join(folder, 'upstreams.toml')
  const server = publicUrl === undefined ? '' : `[server]\npublic_url = "${publicUrl}"\n`
  // Nobody listens on port 9 of this machine, and no test asks for a login.
  await writeFile(file, `${server}[upstreams.nobody]\nurl = "http://127.0.0.1:9/hasJoined"\nattests = "mojang"\n`)
  const child = spawn(BINARY, ['serve', '--config', file, '--listen', '127.0.0.1:0', '--admin', 'false'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: environment,
  })
  const ended = once(child, 'exit')
  const insist = () => child.kill('SIGKILL')
  process.once('exit', insist)
  t.after(async () => {
    process.off('exit', insist)
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  const origin = await listening(child)
  return { origin, publicUrl: publicUrl ?? origin }
}

function listening(child) {
  return new Promise((settle, fail) => {
    const timer = setTimeout(() => fail(new Error(`${BINARY} never said where it listens`)), PATIENCE_MS)
    child.once('error', fail)
    child.once('exit', (code) => fail(new Error(`${BINARY} ended with ${code} before it listened`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = LISTENS.exec(line)
      if (!found) return
      clearTimeout(timer)
      settle(`http://127.0.0.1:${found[1]}`)
    })
  })
}
