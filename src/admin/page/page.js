'use strict'
// Asks for the page again and puts what has changed into place, so that focus, selection and scroll position stay. Says when
// there is no answer. The page works without.

const EVERY_MS = 2000
const PATIENCE_MS = 5000
const live = document.getElementById('live')
const notice = document.getElementById('notice')
let timer

/** Whether one can become the other. */
function alike(now, next) {
  return now.nodeName === next.nodeName && now.id === next.id
}

/** Makes `now` what `next` is, which is alike. */
function become(now, next) {
  if (now.nodeType !== Node.ELEMENT_NODE) {
    if (now.data !== next.data) now.data = next.data
    return
  }
  for (const { name } of [...now.attributes]) {
    // What the reader has opened stays open.
    if (!next.hasAttribute(name) && name !== 'open') now.removeAttribute(name)
  }
  for (const { name, value } of next.attributes) {
    if (now.getAttribute(name) !== value) now.setAttribute(name, value)
  }
  becomeChildren(now, next)
}

/** No node is moved: one that is moved loses the focus. */
function becomeChildren(now, next) {
  let here = now.firstChild
  for (const wanted of [...next.childNodes]) {
    const known = wanted.id && [...now.children].find((child) => child.id === wanted.id)
    while (known && here && here !== known) here = remove(here)
    if (here && alike(here, wanted)) {
      become(here, wanted)
      here = here.nextSibling
    } else {
      now.insertBefore(wanted, here)
    }
  }
  while (here) here = remove(here)
}

/** Says what followed it. */
function remove(node) {
  const following = node.nextSibling
  node.remove()
  return following
}

/** The program may have been replaced by one whose page looks or works otherwise. */
function isOther(next) {
  return ['style', 'script'].some((part) => next.querySelector(part)?.textContent !== document.querySelector(part).textContent)
}

function lost() {
  if (!notice.hidden) return
  const time = new Date().toLocaleTimeString()
  notice.textContent = `The proxy has not answered since ${time}. Below is what it said last.`
  notice.hidden = false
  live.classList.add('old')
}

function found() {
  if (notice.hidden) return
  notice.hidden = true
  notice.textContent = ''
  live.classList.remove('old')
}

async function renew() {
  clearTimeout(timer)
  try {
    const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html')
    if (isOther(next)) return location.reload()
    document.title = next.title
    become(live, next.getElementById('live'))
    found()
  } catch {
    lost()
  }
  clearTimeout(timer)
  // A page that nobody sees asks for nothing.
  if (!document.hidden) timer = setTimeout(renew, EVERY_MS)
}

document.addEventListener('visibilitychange', () => document.hidden ? clearTimeout(timer) : renew())
timer = setTimeout(renew, EVERY_MS)
