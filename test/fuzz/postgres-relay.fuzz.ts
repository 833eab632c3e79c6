// The machine of a PostgreSQL session between a client and a server that both say anything at any time: nothing that the
// policy refuses reaches the server, no answer of the server's is shown for it, and nothing crashes.
import { Catalog, createSqlAnalyzer } from '../../engine/action/sql/index.ts'
import { createGate } from '../../proxy/gate/index.ts'
import { Relay } from '../../proxy/postgres/relay.ts'
import {
  cstring,
  encodeFrame,
  encodeParse,
  encodeQuery,
  FrameReader,
  int16,
  int32,
  WireError,
} from '../../proxy/postgres/wire/index.ts'
import { gateParts, results, sampleOpening } from '../support/gate.ts'

/** The fuzzer's name. */
export const name = 'postgres-relay'

const frameMax = 1 << 20
const messagesMax = 40
const texts = [
  'select 1',
  "select 'forbidden'",
  'begin',
  'commit',
  'rollback',
  'set search_path = other',
  "select set_config('search_path', 'other', false)",
  "prepare p as select 'forbidden'",
  'execute p',
  "select 1; select 'forbidden'",
  'create temp table t (id int)',
  'insert into t values (1)',
  'copy t from stdin',
  'declare c cursor for select 1',
  '',
  'select (',
]
const names = ['', 'a', 'b', 'p', 'c']

type Pick = <Item>(items: readonly Item[]) => Item

function clientMessage(pick: Pick): Buffer {
  const text = pick(texts)
  const named = (): string => pick(names)
  return pick([
    () => encodeQuery(text),
    () => encodeQuery(text),
    () => encodeParse({ name: named(), sql: text, types: [] }),
    () => encodeFrame('B', cstring(named()), cstring(named()), int16(0), int16(0), int16(0)),
    () => encodeFrame('E', cstring(named()), int32(0)),
    () => encodeFrame('D', Buffer.from(pick(['S', 'P'])), cstring(named())),
    () => encodeFrame('C', Buffer.from(pick(['S', 'P'])), cstring(named())),
    () => encodeFrame('F', int32(pick([0, 31, 99999])), int16(0), int16(0), int16(0)),
    () => encodeFrame('S'),
    () => encodeFrame('S'),
    () => encodeFrame('H'),
    () => encodeFrame('d', Buffer.from('1\n')),
    () => encodeFrame('c'),
    () => encodeFrame('f', cstring('no')),
  ])()
}

function serverMessage(pick: Pick): Buffer {
  return pick([
    () => encodeFrame('C', cstring(pick(['SELECT 1', 'BEGIN', 'COMMIT', 'ROLLBACK', 'INSERT 0 1', 'SET', 'PREPARE']))),
    () => encodeFrame('Z', Buffer.from(pick(['I', 'T', 'E']))),
    () => encodeFrame('Z', Buffer.from(pick(['I', 'T', 'E']))),
    () => encodeFrame('1'),
    () => encodeFrame('2'),
    () => encodeFrame('3'),
    () => encodeFrame('n'),
    () => encodeFrame('I'),
    () => encodeFrame('D', int16(1), int32(1), Buffer.from('1')),
    () => encodeFrame('V', int32(1), Buffer.from('1')),
    () => encodeFrame('G', Buffer.from([0]), int16(0)),
    () => encodeFrame('E', Buffer.from('SERROR\0C42P05\0Mno\0\0')),
    () => encodeFrame('S', cstring('search_path'), cstring(pick(['public', '"$user", public', '"']))),
    () => encodeFrame('N', Buffer.from('SNOTICE\0C00000\0Mno\0\0')),
  ])()
}

/** Plays sessions until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const analyzer = await createSqlAnalyzer(18, new Catalog(undefined, {}))
  const failures: string[] = []
  let cases = 0
  const pick: Pick = (items) => {
    const item = items[Math.floor(random() * items.length)]
    if (item === undefined) throw new RangeError('nothing to choose from')
    return item
  }
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    cases++
    const parts = gateParts()
    parts.live.answer = (input) => {
      const { action } = input as { readonly action: { readonly text: string } }
      return action.text.includes('forbidden') ? results.deny : results.allow
    }
    const opened = await createGate(parts).open(sampleOpening())
    if (!opened.open) return { cases, failures: ['the session was not opened'] }
    const said: string[] = []
    let ended = false
    const upward = new FrameReader(frameMax)
    const relay = new Relay({
      gate: opened.session,
      analyzer,
      user: 'app',
      hashKey: Buffer.alloc(32),
      port: {
        toClient: () => undefined,
        toServer: (sent) => {
          for (const { type, body } of upward.push(Buffer.from(sent instanceof Uint8Array ? sent : sent.frame)))
            if ('QPF'.includes(String.fromCharCode(type)) && (type === 0x46 || body.includes('forbidden')))
              failures.push(`forwarded ${body.toString()} after ${said.join(' ')}`)
        },
        flushClient: () => undefined,
        cancelServer: () => undefined,
        caughtUp: () => undefined,
        end: () => {
          ended = true
        },
      },
    })
    const fromClient = new FrameReader(frameMax)
    const fromServer = new FrameReader(frameMax, [0x44, 0x64])
    for (let left = messagesMax; left > 0 && !ended; left--) {
      const isClient = random() < 0.6
      const message = isClient ? clientMessage(pick) : serverMessage(pick)
      said.push(`${isClient ? '>' : '<'}${message.subarray(0, 1)}${message.subarray(5, 45).toString('latin1')}`)
      try {
        if (isClient) for (const frame of fromClient.push(message)) relay.fromClient(frame)
        else for (const frame of fromServer.push(message)) relay.fromServer(frame)
      } catch (error) {
        if (!(error instanceof WireError)) failures.push(`${String(error)} after ${said.join(' ')}`)
        break
      }
    }
    relay.gone()
  }
  return { cases, failures }
}
