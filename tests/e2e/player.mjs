// A real Minecraft client with a launcher's session: it joins at a session server, encrypts, and logs in to a game server.
import { once } from 'node:events'
import minecraft from 'minecraft-protocol'
import { VERSION } from './game-server.mjs'

/**
 * Logs `account` in to the game server at `port`, joining at `sessionServer` first. Resolves to who the server says it is once it
 * is in the world, or to `{ kicked }`, the server's words. `name` is the name it claims, its own unless told otherwise.
 */
export async function logIn({ port, account, sessionServer, name = account.name }) {
  const client = minecraft.createClient({
    host: '127.0.0.1',
    port,
    version: VERSION,
    username: name,
    auth: 'mojang',
    session: sessionOf(account, name),
    skipValidation: true,
    profilesFolder: false,
    authServer: sessionServer,
    sessionServer,
    hideErrors: true,
    validateChannelProtocol: false,
  })
  const outcome = await outcomeOf(client)
  if (outcome.kicked !== undefined && !client.ended) await once(client, 'end')
  return outcome
}

function sessionOf({ id, accessToken }, name) {
  return { accessToken, clientToken: 'e2e', selectedProfile: { id, name } }
}

function outcomeOf(client) {
  return new Promise((settle, fail) => {
    client.once('login', () => settle(stateOf(client)))
    client.once('disconnect', ({ reason }) => settle({ kicked: JSON.parse(reason) }))
    client.on('error', fail)
    client.once('end', (reason) => fail(new Error(`the connection ended without a word: ${reason}`)))
  })
}

function stateOf(client) {
  const { uuid, username: name, cipher } = client
  return { uuid, name, encrypted: cipher !== null, leave: () => leave(client) }
}

async function leave(client) {
  if (client.ended) return
  const ended = once(client, 'end')
  client.end('leaving')
  await ended
}
