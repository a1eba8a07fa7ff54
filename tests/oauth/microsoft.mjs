// The pages' fake of Microsoft, for an application with the redirect URI that is given. Says what a configuration needs of it, and ends
// with its standard input: then it says what the program did against the protocol.
import { CLIENT_ID, CLIENT_SECRET, Microsoft } from '../page/microsoft.mjs'

const ends = []
const [, , redirectUri] = process.argv
const microsoft = await Microsoft.start({ after: (end) => ends.push(end) }, redirectUri)
console.log(JSON.stringify({ id: CLIENT_ID, secret: CLIENT_SECRET, endpoints: microsoft.section() }))
for await (const _ of process.stdin);
console.log(JSON.stringify(microsoft.faults))
ends.forEach((end) => end())
