// A client and a host around one followed SFTP session, without sockets: the host answers from a table of real paths.
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { Frames, packetBytesMax } from '../../proxy/ssh/sftp/frames.ts'
import { decodeRequest, headOf, type SftpRequest, types } from '../../proxy/ssh/sftp/messages.ts'
import { SftpSession } from '../../proxy/ssh/sftp/session.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts, type TestParts } from './gate.ts'

/** Bytes of a packet from its parts: numbers are 32 bits, texts and buffers have their length before them. */
export function packet(type: number, ...parts: readonly (number | string | Buffer | bigint)[]): Buffer {
  const body = parts.map((part) => {
    if (typeof part === 'number') return uint32(part)
    if (typeof part === 'bigint') {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64BE(part)
      return bytes
    }
    const bytes = Buffer.from(part)
    return Buffer.concat([uint32(bytes.length), bytes])
  })
  const length = 1 + body.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([uint32(length), Buffer.from([type]), ...body])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** An answer as a client sees it. */
export interface Answer {
  readonly type: number
  readonly id: number
  /** What is behind the id. */
  readonly body: Buffer
}

/** A session with both of its ends. */
export interface SftpTable {
  readonly session: SftpSession
  readonly gate: TestParts
  /** What the host was asked, without `init` and `realpath`. */
  readonly asked: (SftpRequest & { readonly raw: Buffer })[]
  /** Where paths really lead; a list is used up. Others lead to themselves, `null` to nothing. */
  readonly real: Map<string, string | null | (string | null)[]>
  /** What the next answers of the host are, where they are not the usual ones. */
  readonly answers: ((id: number, request: SftpRequest) => Buffer)[]
  readonly told: string[]
  /** How often the client is held back now. */
  holds: number
  /** Why it ended, when it has. */
  ended: string | undefined
  /** Sends a request and waits for its answer. */
  ask(request: Buffer): Promise<Answer>
  send(bytes: Buffer): void
}

const names = new Set([types.init, types.realpath] as number[])

/** Opens one. `content` is what every file of the host holds. */
export async function sftpTable(content: Buffer = Buffer.from('content')): Promise<SftpTable> {
  const gate = gateParts({ clock: systemClock })
  const sample = sampleDocument()
  const opened = await createGate(gate).open({
    identity: {
      ...sample.identity,
      token: { ...sample.identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
    },
    resource: { ...sample.resource, protocol: 'ssh' },
    client: { address: '127.0.0.1', application: 'ssh' },
    state: {},
    signal: new AbortController().signal,
  })
  if (!opened.open) throw new Error(opened.refusal.message)
  const { session: gateSession } = opened
  const waiting = new Map<number, (answer: Answer) => void>()
  const toHost = (bytes: Buffer): void => host.push(Buffer.from(bytes))
  const client = new Frames(
    {
      begin: () => 'collect',
      packet: (one) => {
        const { type, id } = headOf(one)
        const done = waiting.get(id)
        waiting.delete(id)
        done?.({ type, id, body: Buffer.from(one.subarray(9)) })
      },
      pass: () => undefined,
    },
    9,
  )
  const table: SftpTable = {
    session: new SftpSession({
      session: gateSession,
      hashKey: new Uint8Array(32),
      toClient: (bytes) => client.push(Buffer.from(bytes)),
      toHost,
      holdClient: () => {
        table.holds++
        return () => table.holds--
      },
      mayRead: (bytes, terms) => gateSession.consume({ bytes }, terms).within,
      tell: (text) => table.told.push(text),
      end: (refusal) => {
        table.ended = refusal?.message ?? 'not understood'
      },
      onError: (error) => table.told.push(String(error)),
    }),
    gate,
    asked: [],
    real: new Map(),
    answers: [],
    told: [],
    holds: 0,
    ended: undefined,
    send: (bytes) => table.session.fromClient(bytes),
    ask: (request) =>
      new Promise((answer) => {
        waiting.set(headOf(request).id, answer)
        table.session.fromClient(request)
      }),
  }
  let handles = 0
  const answer = (bytes: Buffer): void => queueMicrotask(() => table.session.fromHost(bytes))
  const realOf = (path: string): string | null => {
    const said = table.real.get(path)
    const one = Array.isArray(said) ? (said.length > 1 ? said.shift() : said[0]) : said
    if (one !== undefined) return one
    return path === '.' ? '/home/user' : path.startsWith('/') ? path : `/home/user/${path}`
  }
  const host = new Frames(
    {
      begin: () => 'collect',
      packet: (one) => {
        const raw = Buffer.from(one)
        const { type, id } = headOf(raw)
        if (type === types.init)
          return answer(packet(types.version, 3, 'posix-rename@openssh.com', '1', 'evil@example.com', '1'))
        const request = decodeRequest(raw)
        if (!names.has(type)) table.asked.push({ ...request, raw })
        const other = names.has(type) ? undefined : table.answers.shift()
        if (other !== undefined) return answer(other(id, request))
        switch (request.kind) {
          case 'realpath': {
            const path = realOf(request.path.toString())
            return answer(
              path === null
                ? packet(types.status, id, 2, 'No such file', '')
                : packet(types.name, id, 1, path, path, 0),
            )
          }
          case 'open':
          case 'opendir':
            return answer(packet(types.handle, id, `h${handles++}`))
          case 'read': {
            const start = Number(request.offset)
            const bytes = content.subarray(start, start + request.length)
            return answer(bytes.length === 0 ? packet(types.status, id, 1, 'EOF', '') : packet(types.data, id, bytes))
          }
          default:
            return answer(packet(types.status, id, 0, 'Success', ''))
        }
      },
      pass: () => undefined,
    },
    9,
  )
  await new Promise<void>((done) => {
    waiting.set(3, () => done())
    table.session.fromClient(packet(types.init, 3))
  })
  return table
}

/** The message of a status. */
export function statusOf({ type, body }: Answer): { readonly code: number; readonly message: string } {
  if (type !== types.status) throw new Error(`an answer of type ${type}`)
  return { code: body.readUInt32BE(0), message: body.subarray(8, 8 + body.readUInt32BE(4)).toString() }
}

/** More than a packet may have. */
export const tooLong: number = packetBytesMax + 1
