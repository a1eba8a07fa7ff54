// Players who may in: whoever knows them, however many come at once, and whoever else is asleep.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Manner, answerFor, newAccount } from './account.mjs'
import { logIn } from './player.mjs'
import { SessionServer } from './session-server.mjs'
import { stage } from './stage.mjs'

const UPSTREAMS = 3
const timeout = 45_000

test('an account that only one upstream knows logs in, for every upstream', { timeout }, async (t) => {
  const accounts = ['Only_u0', 'Only_u1', 'Only_u2'].map(newAccount)
  const upstreams = await Promise.all(accounts.map((account) => SessionServer.start([account])))
  const { proxy, server } = await stage(t, upstreams)
  for (const [k, account] of accounts.entries()) {
    await t.test(`known to u${k} only`, async () => {
      const player = await logIn({ port: server.port, account, sessionServer: upstreams[k].base })
      assertLetIn(player, account, server)
      const { serverId } = await upstreams[k].joined(account.name)
      const questions = await Promise.all(upstreams.map((upstream) => upstream.asked(account.name)))
      for (const question of questions) assert.equal(question.serverId, serverId)
      assert.ok(!proxy.log.includes(serverId), 'the serverId, good for a login while it lasts, is in the log')
      await player.leave()
    })
  }
})

test('fifty players log in at once', { timeout }, async (t) => {
  const accounts = Array.from({ length: 50 }, (_, n) => newAccount(`Player_${n}`))
  const homes = Array.from({ length: UPSTREAMS }, (_, k) => accounts.filter((_, n) => n % UPSTREAMS === k))
  const upstreams = await Promise.all(homes.map((home) => SessionServer.start(home)))
  const { server } = await stage(t, upstreams)
  const players = await Promise.all(
    accounts.map((account, n) => logIn({ port: server.port, account, sessionServer: upstreams[n % UPSTREAMS].base })),
  )
  for (const [n, player] of players.entries()) assertLetIn(player, accounts[n], server)
  await Promise.all(players.map((player) => player.leave()))
})

test('an upstream that never answers delays nobody whom another knows', { timeout }, async (t) => {
  const account = newAccount('Impatient')
  const mute = await SessionServer.start([], Manner.MUTE)
  const knowing = await SessionServer.start([account])
  const { server } = await stage(t, [mute, knowing])
  const player = await logIn({ port: server.port, account, sessionServer: knowing.base })
  assertLetIn(player, account, server)
  await mute.asked(account.name)
  // The proxy gives an upstream three seconds; had it waited for the mute one, it would show.
  const { milliseconds } = server.answerAbout(account.name)
  assert.ok(milliseconds < 1500, `the answer took ${milliseconds} ms`)
  await player.leave()
})

/** The player is in, encrypted, and both sides know it by the name and UUID of the account; the answer was the upstream's own. */
function assertLetIn(player, account, server) {
  assert.equal(player.kicked, undefined)
  const uuid = account.id.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
  assert.deepEqual([player.name, player.uuid, player.encrypted], [account.name, uuid, true])
  const { profile, ...seen } = server.players.get(account.name)
  assert.deepEqual(seen, { name: account.name, uuid, encrypted: true })
  assert.deepEqual(profile.properties, account.profile.properties)
  assert.equal(profile.properties[0].name, 'textures')
  const answer = server.answerAbout(account.name)
  assert.deepEqual([answer.status, answer.body], [200, answerFor(account)])
}
