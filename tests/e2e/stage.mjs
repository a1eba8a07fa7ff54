// Sets up what every test needs, session servers, proxy and game server, and takes it down again when the test is over.
import { GameServer } from './game-server.mjs'
import { Proxy } from './proxy.mjs'

/** Puts the proxy in front of `upstreams`, and a game server in front of the proxy. All of them end with the test `t`. */
export async function stage(t, upstreams, kick) {
  const stops = []
  t.after(async () => {
    const failures = []
    for (const stop of stops.reverse()) await stop().catch((failure) => failures.push(failure))
    if (failures.length > 0) throw failures[0]
  })
  for (const upstream of upstreams) stops.push(() => upstream.stop())
  const proxy = await Proxy.start(upstreams)
  stops.push(() => proxy.stop())
  const server = await GameServer.start(proxy.port, kick)
  stops.push(() => server.stop())
  return { proxy, server }
}
