// What a vanilla or Paper server of 1.20.2 and later (authlib 5 and 6) tells a player whom it does not let in, given the answer
// of its session server: that depends on the status, and on whether the body is empty, JSON or something else.

export const UNVERIFIED = 'multiplayer.disconnect.unverified_username'
export const DOWN = 'multiplayer.disconnect.authservers_down'

/** The translation key for an answer without a profile; no answer at all is `undefined`. */
export function refusal(answer) {
  if (!answer) return DOWN
  if (answer.status < 500) return UNVERIFIED
  return answer.body === '' || isJson(answer.body) ? DOWN : UNVERIFIED
}

function isJson(text) {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
