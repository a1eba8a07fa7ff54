// A real online-mode Minecraft server: encryption, hasJoined, compression, configuration, play. It asks the proxy about its
// players through a `SessionHost` and remembers who came in.
//
// The library looks at the body of the answer only: whatever is not a profile, 204 and 503 alike, is "Failed to verify
// username!". `Kick.BY_STATUS` makes this server say what a vanilla one says (see verdict.mjs): when the library ends a
// connection with that message, the answer that the proxy really gave decides the words. Whether a player is let in is always
// the library's own decision.
import { once } from 'node:events'
import minecraft from 'minecraft-protocol'
import minecraftData from 'minecraft-data'
import { SessionHost } from './session-host.mjs'
import { refusal } from './verdict.mjs'

export const VERSION = '26.1'
export const LIBRARY_REFUSAL = 'Failed to verify username!'
export const Kick = { AS_THE_LIBRARY: 'library', BY_STATUS: 'status' }

export class GameServer {
  /** Starts on a free port, asking the proxy at `proxyPort`. */
  static async start(proxyPort, kick = Kick.AS_THE_LIBRARY) {
    const server = new GameServer(proxyPort, kick)
    await once(server.minecraft, 'listening')
    server.port = server.minecraft.socketServer.address().port
    return server
  }

  constructor(proxyPort, kick) {
    /** Who came in, by name, as the server knows them. */
    this.players = new Map()
    this.sessionHost = new SessionHost(proxyPort)
    this.minecraft = minecraft.createServer({
      'online-mode': true,
      host: '127.0.0.1',
      port: 0,
      version: VERSION,
      agent: this.sessionHost,
      kickTimeout: 60_000,
      validateChannelProtocol: false, // costs much for every player, and no plugin channel is used
      errorHandler: (client, error) => client.end(String(error)),
    })
    if (kick === Kick.BY_STATUS) this.minecraft.on('connection', (client) => this.#kickByStatus(client))
    this.minecraft.on('playerJoin', (client) => this.#welcome(client))
  }

  /** What the proxy answered about a player, if it did. */
  answerAbout(username) {
    return this.sessionHost.answers.get(username)
  }

  /** Drops whoever is still connected; the library would keep a timer for each it had already sent away. */
  async stop() {
    const clients = Object.values(this.minecraft.clients)
    const gone = clients.map((client) => once(client, 'end'))
    for (const client of clients) client.socket.destroy()
    await Promise.all(gone)
    const closed = once(this.minecraft, 'close')
    this.minecraft.close()
    await closed
    this.sessionHost.destroy()
  }

  #welcome(client) {
    const { uuid, username, profile } = client
    this.players.set(username, { uuid, name: username, profile, encrypted: client.cipher !== null })
    client.write('login', { ...minecraftData(VERSION).loginPacket, entityId: client.id })
  }

  #kickByStatus(client) {
    const end = client.end
    client.end = (reason, full) => {
      if (reason !== LIBRARY_REFUSAL) return end.call(client, reason, full)
      const translate = refusal(this.answerAbout(client.username))
      end.call(client, translate, JSON.stringify({ translate }))
    }
  }
}
