// Mutated messages of PostgreSQL's protocol: every decoder reads them whole or says WireError; never a crash, never bytes
// left over, and cut anywhere they are the same messages.
import {
  decodeBind,
  decodeExecute,
  decodeFirstMessage,
  decodeFunctionCall,
  decodeNamed,
  decodeParameterStatus,
  decodeParse,
  decodePassword,
  decodeQuery,
  decodeReady,
  decodeReport,
  decodeRow,
  decodeRowDescription,
  decodeTag,
  encodeBackendKey,
  encodeParse,
  encodeQuery,
  encodeReady,
  encodeReport,
  encodeRow,
  encodeStartup,
  FrameReader,
  firstMessageLength,
  WireError,
} from '../../proxy/postgres/wire/index.ts'

/** The fuzzer's name. */
export const name = 'postgres'

const frameMax = 64 * 1024
const decoders: readonly ((body: Uint8Array) => unknown)[] = [
  decodeBind,
  decodeExecute,
  decodeFunctionCall,
  decodeNamed,
  decodeParameterStatus,
  decodeParse,
  decodePassword,
  decodeQuery,
  decodeReady,
  decodeReport,
  decodeRow,
  decodeRowDescription,
  decodeTag,
]

const seeds: readonly Buffer[] = [
  encodeQuery('SELECT 1'),
  encodeParse({ name: 's', sql: 'SELECT $1', types: [23] }),
  Buffer.from('420000001e0073000001000100020000000131ffffffff00010001', 'hex'),
  Buffer.from('46000000160000001f000100000001000000013100000000', 'hex').subarray(0, 23),
  encodeReport({ severity: 'ERROR', sqlstate: '42501', message: 'no' }),
  encodeRow([Buffer.from('a'), null]),
  encodeReady('I'),
  encodeBackendKey(1, Buffer.from([1, 2, 3, 4])),
]

/** Mutates until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  let cases = 0
  const startup = encodeStartup(new Map([['user', 'a']]))
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    cases++
    if (cases % 2000 === 0) await new Promise((resolve) => setImmediate(resolve))
    const pieces = Array.from(
      { length: 1 + Math.floor(random() * 3) },
      () => seeds[Math.floor(random() * seeds.length)] ?? startup,
    )
    const bytes = mutated(Buffer.concat(pieces), random)
    const whole = told(() => framed(bytes, []))
    const cuts = Array.from({ length: 4 }, () => Math.floor(random() * (bytes.length + 1))).sort((a, b) => a - b)
    const cut = told(() => framed(bytes, cuts))
    // What is refused may be refused a message later when it comes in pieces, but never read otherwise.
    if (!whole.startsWith('WireError') && whole !== cut)
      failures.push(`cut otherwise: ${bytes.toString('hex')} at ${cuts}`)
    for (const answer of [whole, cut, told(() => first(mutated(startup, random)))])
      if (answer.startsWith('crash')) failures.push(`${answer} ${bytes.toString('hex')}`)
    for (const decode of decoders) {
      const body = bytes.subarray(5)
      const answer = told(() => {
        decode(body)
        return ''
      })
      if (answer.startsWith('crash')) failures.push(`${decode.name}: ${answer} ${body.toString('hex')}`)
    }
  }
  return { cases, failures }
}

function first(bytes: Buffer): string {
  const length = firstMessageLength(bytes)
  return length === undefined || bytes.length < length ? 'short' : decodeFirstMessage(bytes.subarray(0, length)).kind
}

function framed(bytes: Buffer, cuts: readonly number[]): string {
  const reader = new FrameReader(frameMax)
  const places = [0, ...cuts, bytes.length]
  const frames = places
    .slice(1)
    .flatMap((end, at) => reader.push(bytes.subarray(places[at] ?? 0, end)).map(({ frame }) => frame.toString('hex')))
  return `${frames.join(' ')} ${reader.pendingBytes}`
}

/** What came of it: an answer, a WireError, or a crash. */
function told(work: () => string): string {
  try {
    return work()
  } catch (error) {
    if (error instanceof WireError) return `WireError ${error.code}`
    return `crash ${error instanceof Error ? error.stack?.slice(0, 200) : String(error)}`
  }
}

function mutated(bytes: Buffer, random: () => number): Buffer {
  const made = Buffer.from(bytes)
  for (let change = Math.floor(random() * 4); change > 0; change--)
    made[Math.floor(random() * made.length)] = Math.floor(random() * 256)
  return random() < 0.2 ? made.subarray(0, Math.floor(random() * made.length)) : made
}
