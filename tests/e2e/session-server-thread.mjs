// Inside a session server of the test: takes joins for the accounts it was given and answers for them, as the real ones do. It
// runs in a thread of its own, so that it answers in time however busy the game server is; session-server.mjs starts it.
import { createServer } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { Manner, answerFor } from './account.mjs'

const { accounts, manner } = workerData
/** serverId → the account that joined with it. */
const joins = new Map()

const http = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://session')
  switch (`${request.method} ${pathname}`) {
    case 'POST /session/minecraft/join':
      return join(request, response)
    case 'GET /session/minecraft/hasJoined':
      return hasJoined(searchParams, response)
    default:
      return response.writeHead(404).end()
  }
})
http.listen(0, '127.0.0.1', () => parentPort.postMessage({ kind: 'listening', port: http.address().port }))

async function join(request, response) {
  const { accessToken, selectedProfile, serverId } = JSON.parse(await text(request))
  const account = accounts.find((known) => known.accessToken === accessToken && known.id === selectedProfile)
  if (!account) {
    const complaint = { error: 'ForbiddenOperationException', errorMessage: 'Invalid token' }
    return response.writeHead(403, { 'Content-Type': 'application/json' }).end(JSON.stringify(complaint))
  }
  joins.set(serverId, account)
  parentPort.postMessage({ kind: 'join', name: account.name, serverId })
  response.writeHead(204).end()
}

function hasJoined(query, response) {
  const [name, serverId] = ['username', 'serverId'].map((key) => query.get(key))
  parentPort.postMessage({ kind: 'question', name, serverId })
  switch (manner) {
    case Manner.MUTE:
      return
    case Manner.RUDE:
      return response.socket.resetAndDestroy()
    case Manner.BROKEN:
      return response.writeHead(502, { 'Content-Type': 'text/html' }).end('<html><h1>Bad Gateway</h1></html>')
  }
  const account = joins.get(serverId)
  if (account?.name !== name) return response.writeHead(204).end()
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(answerFor(account))
}

async function text(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}
