// Headless Chromium, with a record of all it complained of and all it asked for.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const QUIET = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/** Opens `url` in a browser of its own, which ends with the test `t`. */
export async function open(t, url, options = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'hasjoined-chromium-'))
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    args: QUIET,
    viewport: { width: 1280, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  })
  t.after(async () => {
    await context.close()
    await rm(folder, { recursive: true, force: true })
  })
  const page = context.pages()[0] ?? await context.newPage()
  const complaints = []
  const requests = []
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(String(error)))
  context.on('request', (request) => requests.push(request.url()))
  await page.goto(url)
  return { page, complaints, requests }
}

/** The guide that is shown, written as a terminal would show it. */
export function shown(page) {
  return page.evaluate(() => {
    const guides = [...document.querySelectorAll('section')].filter((section) => section.checkVisibility())
    return guides.map((guide) => {
      const text = (part, name) => part.querySelector(name)?.textContent
      const snippets = [...guide.querySelectorAll('.snippet')]
      const lines = snippets.map((snippet) => `${text(snippet, '.place')}\n\n${text(snippet, 'pre code')}\n\n`)
      const notes = [...guide.querySelectorAll('.notes li')].map((note) => {
        if (text(note, '.remark') !== undefined) return `- ${text(note, '.remark')}\n`
        const otherwise = text(note, '.otherwise')
        const setting = `- ${text(note, '.file')}: ${text(note, '.line')}\n`
        return otherwise === undefined ? setting : `${setting}  or ${otherwise}\n`
      })
      const warning = text(document, '.warning')
      const last = warning === undefined ? '' : `- ${warning}\n`
      return `${text(guide, 'h2')}: ${lines.join('')}See to this as well:\n${notes.join('')}${last}`
    })
  })
}
