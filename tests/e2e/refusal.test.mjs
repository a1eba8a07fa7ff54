// Players who may not in, and what they are told: "nobody knows you" is another message than "nobody could be asked".
import assert from 'node:assert/strict'
import test from 'node:test'
import { Manner, newAccount } from './account.mjs'
import { Kick, LIBRARY_REFUSAL } from './game-server.mjs'
import { logIn } from './player.mjs'
import { SessionServer } from './session-server.mjs'
import { stage } from './stage.mjs'
import { DOWN, UNVERIFIED } from './verdict.mjs'

const timeout = 45_000
const KICKS = [
  { kick: Kick.AS_THE_LIBRARY, server: 'a server that reads bodies only' },
  { kick: Kick.BY_STATUS, server: 'a server that reads the status, as vanilla does' },
]

for (const { kick, server: kind } of KICKS) {
  const words = (translate) => (kick === Kick.BY_STATUS ? { translate } : { text: LIBRARY_REFUSAL })

  test(`a player whom no upstream knows is not verified, by ${kind}`, { timeout }, async (t) => {
    const account = newAccount('Stranger')
    const elsewhere = await SessionServer.start([account])
    t.after(() => elsewhere.stop())
    const upstreams = await Promise.all([1, 2, 3].map(() => SessionServer.start()))
    const { server } = await stage(t, upstreams, kick)
    const { kicked } = await logIn({ port: server.port, account, sessionServer: elsewhere.base })
    await elsewhere.joined(account.name)
    assertAnswer(server.answerAbout(account.name), 204)
    assert.deepEqual(kicked, words(UNVERIFIED))
    assert.equal(server.players.size, 0)
  })

  test(`with all upstreams down the servers are down, by ${kind}`, { timeout }, async (t) => {
    const account = newAccount('Unlucky')
    const elsewhere = await SessionServer.start([account])
    t.after(() => elsewhere.stop())
    // Three ways to be down: refuses connections, breaks them, answers with somebody's error page.
    const manners = [Manner.HONEST, Manner.RUDE, Manner.BROKEN]
    const upstreams = await Promise.all(manners.map((manner) => SessionServer.start([account], manner)))
    const { server } = await stage(t, upstreams, kick)
    await upstreams[0].stop()
    const { kicked } = await logIn({ port: server.port, account, sessionServer: elsewhere.base })
    assertAnswer(server.answerAbout(account.name), 503)
    assert.deepEqual(kicked, words(DOWN))
    assert.equal(server.players.size, 0)
  })
}

test('a join under one name is no good for another', { timeout }, async (t) => {
  const [thief, victim] = ['Thief', 'Victim'].map(newAccount)
  const upstream = await SessionServer.start([thief, victim])
  const { server } = await stage(t, [upstream], Kick.BY_STATUS)
  const { kicked } = await logIn({ port: server.port, account: thief, name: victim.name, sessionServer: upstream.base })
  await upstream.joined(thief.name)
  assertAnswer(server.answerAbout(victim.name), 204)
  assert.deepEqual(kicked, { translate: UNVERIFIED })
})

/** An answer without a profile has no body at all: any other shape reads as something else to some server. */
function assertAnswer(answer, status) {
  assert.deepEqual([answer?.status, answer?.body], [status, ''])
}
