// What players and session servers agree on: an account, what a session server says about it, and how it may misbehave.
import { createHash, randomBytes } from 'node:crypto'

/** How a session server treats questions: answers truly, never answers, breaks the connection, shows an error page. */
export const Manner = { HONEST: 'honest', MUTE: 'mute', RUDE: 'rude', BROKEN: 'broken' }

/** An account as a launcher holds it, with the profile that its session server will vouch for. */
export function newAccount(name) {
  const id = createHash('md5').update(`account ${name}`).digest('hex')
  const value = Buffer.from(JSON.stringify({ profileId: id, profileName: name, textures: {} })).toString('base64')
  const textures = { name: 'textures', value, signature: randomBytes(256).toString('base64') }
  const profile = { id, name, properties: [textures], profileActions: [] }
  return { id, name, accessToken: randomBytes(24).toString('hex'), profile }
}

/** The very bytes that a session server says about an account: spread over lines, as Mojang's are. */
export function answerFor(account) {
  return JSON.stringify(account.profile, null, 2)
}
