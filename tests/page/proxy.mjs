// The program under test, as a process of its own, on free ports and reached at any address one likes.
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
const LISTENS = /listening on (http:\/\/127\.0\.0\.1:\d+)/
const ADMIN = /status at (http:\/\/127\.0\.0\.1:\d+)\/status/
const LAST_LINE = 'For other software'
const PATIENCE_MS = 15_000

/** The caller's own options of the program must not reach the one under test. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HASJOINED_')))

/** What the program prints for this software. */
export async function setup(software, url) {
  const { stdout } = await promisify(execFile)(BINARY, ['setup', software, '--url', url], { env: environment })
  return stdout
}

/** Starts it in front of nobody; it ends with the test `t`. Where no `publicUrl` is given, it is reached where it listens. */
export async function start(t, publicUrl) {
  const server = publicUrl === undefined ? '' : `[server]\npublic_url = "${publicUrl}"\n`
  // Nobody listens on port 9 of this machine, and no test asks for a login.
  const nobody = '[upstreams.nobody]\nurl = "http://127.0.0.1:9/hasJoined"\nattests = "mojang"\n'
  const { origin } = await launch(t, server + nobody, 'false')
  return { origin, publicUrl: publicUrl ?? origin }
}

/**
 * Starts it with this configuration, its operator's listener at `admin`; it ends with the test `t`, or when `stop` is called.
 * Tells where both listeners are.
 */
export async function launch(t, configuration, admin = '127.0.0.1:0') {
  const folder = await mkdtemp(join(tmpdir(), 'hasjoined-page-'))
  const file = join(folder, 'upstreams.toml')
  await writeFile(file, configuration)
  const child = spawn(BINARY, ['serve', '--config', file, '--listen', '127.0.0.1:0', '--admin', admin], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: environment,
  })
  const ended = once(child, 'exit')
  const insist = () => child.kill('SIGKILL')
  process.once('exit', insist)
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  t.after(async () => {
    process.off('exit', insist)
    await stop()
    await rm(folder, { recursive: true, force: true })
  })
  return { ...await listening(child), stop }
}

function listening(child) {
  return new Promise((settle, fail) => {
    const timer = setTimeout(() => fail(new Error(`${BINARY} never said where it listens`)), PATIENCE_MS)
    const addresses = {}
    child.once('error', fail)
    child.once('exit', (code) => fail(new Error(`${BINARY} ended with ${code} before it listened`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      addresses.origin ??= LISTENS.exec(line)?.[1]
      addresses.admin ??= ADMIN.exec(line)?.[1]
      if (!line.startsWith(LAST_LINE)) return
      clearTimeout(timer)
      settle(addresses)
    })
  })
}
