// The program under test, as a process of its own: written a configuration, started on a free port, asked to end by SIGTERM.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const DEBUG_BUILD = fileURLToPath(new URL('../../target/debug/hasjoined', import.meta.url))
const BINARY = process.env.HASJOINED_BIN ? resolve(process.env.HASJOINED_BIN) : DEBUG_BUILD
const LISTENS = /listening on http:\/\/127\.0\.0\.1:(\d+)/
const PATIENCE_MS = 15_000

/** Interrupted tests leave nothing behind either. */
const running = new Set()
process.on('exit', () => {
  for (const { child, folder } of running) {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

export class Proxy {
  /** Starts the proxy in front of the given session servers, whom it knows as u0, u1, … */
  static async start(upstreams) {
    const folder = await mkdtemp(join(tmpdir(), 'hasjoined-e2e-'))
    const file = join(folder, 'upstreams.toml')
    await writeFile(file, configuration(upstreams))
    const proxy = new Proxy(folder, file)
    try {
      await proxy.#listening()
    } catch (error) {
      await proxy.#discard()
      throw error
    }
    return proxy
  }

  constructor(folder, file) {
    this.folder = folder
    this.log = ''
    this.child = spawn(BINARY, ['serve', '--config', file, '--listen', '127.0.0.1:0', '--admin', 'false'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: withoutOptions(process.env),
    })
    running.add(this)
    this.ended = new Promise((settle) => {
      this.child.once('error', (error) => settle(error.message))
      this.child.once('exit', (code, signal) => settle(code ?? signal))
    })
    this.ended.then(() => running.delete(this))
    this.child.stderr.on('data', (bytes) => { this.log += bytes })
  }

  /** Asks it to end, and insists that it does so in good order. */
  async stop() {
    this.child.kill('SIGTERM')
    const outcome = await Promise.race([this.ended, after(PATIENCE_MS, 'no end')])
    await this.#discard()
    if (outcome !== 0) throw this.#failure(`ended with ${outcome} after SIGTERM, not with 0`)
  }

  async #listening() {
    const lines = createInterface({ input: this.child.stdout })
    const port = new Promise((settle) => {
      lines.on('line', (line) => {
        this.log += `${line}\n`
        const found = LISTENS.exec(line)
        if (found) settle(Number(found[1]))
      })
    })
    const early = this.ended.then((outcome) => { throw this.#failure(`ended with ${outcome} before it listened`) })
    early.catch(() => {})
    this.port = await Promise.race([port, early, after(PATIENCE_MS)])
    if (this.port === undefined) throw this.#failure('never said where it listens')
  }

  async #discard() {
    if (running.has(this)) this.child.kill('SIGKILL')
    await this.ended
    await rm(this.folder, { recursive: true, force: true })
  }

  #failure(what) {
    return new Error(`${BINARY} ${what}\n${this.log}`)
  }
}

function configuration(upstreams) {
  const tables = upstreams.map(({ hasJoinedUrl }, k) => `[upstreams.u${k}]\nurl = "${hasJoinedUrl}"\nattests = "mojang"\n`)
  return tables.join('\n')
}

/** The caller's own options of the proxy must not reach the one under test. */
function withoutOptions(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('HASJOINED_')))
}

function after(milliseconds, value) {
  return new Promise((settle) => setTimeout(settle, milliseconds, value).unref())
}
