'use strict'
// Copies lines, and keeps the picked software in the address, so that it can be passed on. The page works without.

/** The clipboard is there for pages over TLS and on this machine only; elsewhere the old way has to do. */
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent)
    return true
  } catch {
    getSelection().selectAllChildren(code)
    return document.execCommand('copy')
  }
}

const status = document.getElementById('status')
let told
let timer

/** Says it on the button and to screen readers, for a moment; what was said before is over. */
function tell(button, short, whole) {
  if (told) told.textContent = 'Copy'
  clearTimeout(timer)
  told = button
  button.textContent = short
  status.textContent = whole
  timer = setTimeout(() => {
    button.textContent = 'Copy'
    status.textContent = ''
  }, 2000)
}

for (const button of document.querySelectorAll('button.copy')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const copied = await copy(document.getElementById(button.dataset.copies))
    if (copied) tell(button, 'Copied', 'Copied')
    else tell(button, 'Selected', 'Selected: copy with your keyboard or menu')
  })
}

for (const choice of document.querySelectorAll('input[name=software]')) {
  if (location.hash === `#${choice.value}`) choice.checked = true
  choice.addEventListener('change', () => history.replaceState(null, '', `#${choice.value}`))
}
