// SSH packets that no honest client sends: in the clear before keys are there, and through a library client afterwards.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Client } from 'ssh2'

/** Numbers of messages (RFC 4250 4.1.2). */
export const message = {
  ignore: 2,
  serviceRequest: 5,
  kexinit: 20,
  newkeys: 21,
  kexEcdhInit: 30,
  authRequest: 50,
  authSuccess: 52,
  globalRequest: 80,
  channelOpen: 90,
  channelWindowAdjust: 93,
  channelData: 94,
  channelClose: 97,
  channelRequest: 98,
} as const

/** A payload from its parts: numbers are 32 bits, texts and buffers have their length before them, booleans are a byte. */
export function payload(type: number, ...parts: readonly (number | string | Buffer | boolean)[]): Buffer {
  const body = parts.map((part) => {
    if (typeof part === 'boolean') return Buffer.from([part ? 1 : 0])
    if (typeof part === 'number') return uint32(part)
    const bytes = Buffer.from(part)
    return Buffer.concat([uint32(bytes.length), bytes])
  })
  return Buffer.concat([Buffer.from([type]), ...body])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A packet in the clear (RFC 4253 6). */
export function clearPacket(body: Buffer): Buffer {
  const padding = 8 - ((body.length + 5) % 8) + (8 - ((body.length + 5) % 8) < 4 ? 8 : 0)
  return Buffer.concat([uint32(body.length + padding + 1), Buffer.from([padding]), body, Buffer.alloc(padding)])
}

/** The lists of a KEXINIT, in their order. */
export function kexLists(body: Buffer): string[][] {
  const lists: string[][] = []
  let at = 17
  for (let index = 0; index < 10; index++) {
    const length = body.readUInt32BE(at)
    lists.push(
      body
        .subarray(at + 4, at + 4 + length)
        .toString()
        .split(','),
    )
    at += 4 + length
  }
  return lists
}

/** A KEXINIT of a client that can do strict key exchange. */
export function clientKexinit(lists: readonly string[][]): Buffer {
  const [kex = [], ...rest] = lists
  const first = kex.find((name) => name.startsWith('curve25519')) ?? ''
  return Buffer.concat([
    Buffer.from([message.kexinit]),
    Buffer.alloc(16, 7),
    ...[[first, 'kex-strict-c-v00@openssh.com'], ...rest].map((names) => {
      const text = Buffer.from(names.join(','))
      return Buffer.concat([uint32(text.length), text])
    }),
    Buffer.alloc(5),
  ])
}

/** A connection that has said hello, and the server's KEXINIT. */
export interface Greeted {
  readonly socket: Socket
  readonly kexinit: Buffer
  /** Resolves when the server has hung up. */
  readonly closed: Promise<boolean>
}

/** Says hello to a server, and nothing else. */
export async function greet(port: number): Promise<Greeted> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const closed = new Promise<boolean>((done) => socket.once('close', () => done(true)))
  let bytes = Buffer.alloc(0)
  socket.write('SSH-2.0-test\r\n')
  for (;;) {
    const [more] = (await once(socket, 'data')) as [Buffer]
    bytes = Buffer.concat([bytes, more])
    const start = bytes.indexOf('\n') + 1
    if (start === 0 || bytes.length < start + 4) continue
    const length = bytes.readUInt32BE(start)
    if (bytes.length < start + 4 + length) continue
    const padding = bytes.readUInt8(start + 4)
    socket.resume()
    return { socket, closed, kexinit: bytes.subarray(start + 5, start + 4 + length - padding) }
  }
}

interface Inside {
  readonly _protocol: {
    readonly _kex: { readonly sessionID: Buffer }
    readonly _packetRW: {
      readonly write: { alloc(size: number): Buffer; allocStart: number; finalize(p: Buffer): Buffer }
    }
    readonly _cipher: { encrypt(packet: Buffer): void }
    readonly _handlers: Record<string, (...args: unknown[]) => void>
    readonly _authsQueue: string[]
    rekey(): void
  }
  readonly _sock: Socket
}

/** The library's client from inside. */
export function inside(client: Client): Inside {
  if (!('_protocol' in client) || !('_sock' in client)) throw new Error('ssh2 is another version')
  return client as unknown as Inside
}

/** Sends a payload through a client whatever its state. */
export function sendPayload(client: Client, body: Buffer): void {
  const { _packetRW, _cipher } = inside(client)._protocol
  const start = _packetRW.write.allocStart
  const packet = _packetRW.write.alloc(body.length)
  packet.set(body, start)
  _cipher.encrypt(_packetRW.write.finalize(packet))
}
