// A process that keeps one bundle version after the other until it is killed: `tsx keeper-child.ts FOLDER FIRST`.
import { Keeper } from '../../bundles/store/index.ts'

const [folder = '', first = '1'] = process.argv.slice(2)
const keeper = new Keeper(folder)
process.stdout.write('ready\n')
for (let revision = Number(first); ; revision++) {
  const text = `${revision}`
  const files = [
    { path: '.manifest', bytes: Buffer.from(JSON.stringify({ revision: text })) },
    { path: 'data.json', bytes: Buffer.from(JSON.stringify({ revision: text, filler: 'x'.repeat(20_000) })) },
  ]
  await keeper.keep('main', { files, etag: text, highest: text })
  process.stdout.write(`kept ${text}\n`)
}
