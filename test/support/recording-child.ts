// A process that records and "forwards" until it is killed: `tsx recording-child.ts FOLDER SYNC UPSTREAM-FILE`.
import { openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LocalRecorder, signerFromPem, wrapperFromKey } from '../../proxy/recording/index.ts'
import { sampleDocument } from './action-document.ts'
import { allowed } from './recordings.ts'

const [folder = '', sync = 'group', upstreamFile = ''] = process.argv.slice(2)
const upstream = openSync(upstreamFile, 'a')
const recorder = new LocalRecorder({
  folder,
  gateway: 'g-1',
  sync: sync === 'each' ? 'each' : 'group',
  signer: signerFromPem(readFileSync(join(folder, 'signing.pem'), 'utf8')),
  wrapper: wrapperFromKey(readFileSync(join(folder, 'wrap.key'), 'utf8')),
  anchors: [],
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  onFault: (error) => process.stderr.write(`${error.message}\n`),
})

/** One session that acts as fast as its records are accepted. */
function act(session: ReturnType<LocalRecorder['open']>, id: string, count: number): void {
  const text = `${id} ${count}`
  session.append({ kind: 'action', document: sampleDocument({ text }), decision: allowed }, (error) => {
    if (error !== undefined) process.exit(3)
    writeSync(upstream, `${text}\n`)
    setImmediate(() => act(session, id, count + 1))
  })
}

for (const number of [1, 2, 3]) {
  const id = `s-${process.pid}-${number}`
  act(recorder.open(id), id, 0)
}
process.stdout.write('ready\n')
