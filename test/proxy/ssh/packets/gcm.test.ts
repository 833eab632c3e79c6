// Packets under AES-GCM against ssh2's own, whatever the pieces they come in, and what is no packet.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { type GcmKeys, GcmOpener, GcmSealer } from '../../../../proxy/ssh/packets/gcm.ts'

interface Reference {
  createCipher(config: object): { allocPacket(bytes: number): Buffer; encrypt(packet: Buffer): void }
  createDecipher(config: object): { decrypt(data: Buffer, at: number, end: number): number | undefined }
}
const reference: Reference = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js')

function keys(name: GcmKeys['name'] = 'aes-128-gcm'): GcmKeys {
  const nonce = randomBytes(12)
  // The counter is about to carry over.
  nonce.fill(0xff, 8)
  return { name, key: randomBytes(name === 'aes-128-gcm' ? 16 : 32), nonce, sequence: 2 ** 32 - 1 }
}

function info({ name, key }: GcmKeys): object {
  return { sslName: name, keyLen: key.length, ivLen: 12, authLen: 16, blockLen: 16 }
}

/** What an opener makes of bytes that come cut at some places. */
function open(given: GcmKeys, bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const payloads: Buffer[] = []
  const opener = new GcmOpener(given, (payload) => {
    payloads.push(Buffer.from(payload))
    return undefined
  })
  let from = 0
  for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
    // Memory of its own, which is overwritten once it was taken, as a socket's is.
    const piece = Buffer.from(bytes.subarray(from, cut))
    opener.decrypt(piece, 0, piece.length)
    piece.fill(0)
    from = cut
  }
  return payloads
}

function seal(given: GcmKeys, payloads: readonly Uint8Array[]): Buffer {
  const written: Uint8Array[] = []
  const sealer = new GcmSealer(given, (bytes) => written.push(Buffer.from(bytes)))
  for (const payload of payloads) {
    const packet = sealer.allocPacket(payload.length)
    packet.set(payload, 5)
    sealer.encrypt(packet)
  }
  return Buffer.concat(written)
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : ''
}

const payloadsOf = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000 }), { minLength: 1, maxLength: 5 })
const names = fc.constantFrom<GcmKeys['name']>('aes-128-gcm', 'aes-256-gcm')

test('what is sealed opens in ssh2, and the other way round, at whatever places it is cut', () => {
  fc.assert(
    fc.property(names, payloadsOf, fc.array(fc.nat()), (name, payloads, places) => {
      const given = keys(name)
      const bytes = seal(given, payloads)
      const seen: Buffer[] = []
      reference
        .createDecipher({
          inbound: {
            onPayload: (payload: Buffer) => void seen.push(Buffer.from(payload)),
            decipherInfo: info(given),
            decipherKey: Buffer.from(given.key),
            decipherIV: Buffer.from(given.nonce),
            seqno: given.sequence,
            forceNative: true,
          },
        })
        .decrypt(bytes, 0, bytes.length)
      assert.deepEqual(
        seen,
        payloads.map((payload) => Buffer.from(payload)),
      )

      const written: Buffer[] = []
      const cipher = reference.createCipher({
        outbound: {
          onWrite: (piece: Uint8Array) => void written.push(Buffer.from(piece)),
          cipherInfo: info(given),
          cipherKey: Buffer.from(given.key),
          cipherIV: Buffer.from(given.nonce),
          seqno: given.sequence,
          forceNative: true,
        },
      })
      for (const payload of payloads) {
        const packet = cipher.allocPacket(payload.length)
        packet.set(payload, 5)
        cipher.encrypt(packet)
      }
      const theirs = Buffer.concat(written)
      const cuts = places.map((place) => place % theirs.length)
      assert.deepEqual(open(given, theirs, cuts), seen)
    }),
    { numRuns: 60 },
  )
})

test('a packet opens cut at each of its bytes', () => {
  const given = keys()
  const bytes = seal(given, [Buffer.from('first'), Buffer.from('second one')])
  for (let cut = 0; cut <= bytes.length; cut++)
    assert.deepEqual(open(given, bytes, [cut]), [Buffer.from('first'), Buffer.from('second one')])
})

test('channel data is the packet that its parts make, up to what one packet holds', () => {
  const given = keys()
  const data = randomBytes(32 * 1024)
  const written: Buffer[] = []
  const sealer = new GcmSealer(given, (bytes) => written.push(Buffer.from(bytes)))
  assert.equal(sealer.sendData(7, data), true)
  const [payload] = open(given, Buffer.concat(written), [])
  assert.equal(payload?.[0], 94)
  assert.equal(payload?.readUInt32BE(1), 7)
  assert.equal(payload?.readUInt32BE(5), data.length)
  assert.deepEqual(payload?.subarray(9), data)
  assert.equal(sealer.sendData(7, randomBytes(35_000)), false)
})

test('a changed byte anywhere is refused', () => {
  const given = keys()
  const bytes = seal(given, [Buffer.from('a payload')])
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    let answer = 'nothing'
    try {
      answer = open(given, changed, []).length === 0 ? 'waits' : 'opened'
    } catch {
      answer = 'refused'
    }
    // A changed length may ask for more than came; then nothing of it is opened.
    assert.ok(answer === 'refused' || (at < 4 && answer === 'waits'), `${at} ${answer}`)
  }
})

test('refuses lengths that no packet has before anything of it is kept', () => {
  for (const length of [0, 15, 17, 34_992, 0xffffffff]) {
    const bytes = Buffer.alloc(64)
    bytes.writeUInt32BE(length, 0)
    for (const cuts of [[], [2]])
      assert.throws(
        () => open(keys(), bytes, cuts),
        (error) => message(error) === `Bad packet length: ${length}`,
      )
  }
})

test('stops where the keys change, and goes on from there with the next', () => {
  const given = keys()
  const bytes = seal(given, [Buffer.from('one'), Buffer.from('two')])
  const seen: string[] = []
  const opener = new GcmOpener(given, (payload) => {
    seen.push(payload.toString())
    return false
  })
  const at = opener.decrypt(bytes, 0, bytes.length)
  assert.equal(at, bytes.length / 2)
  assert.deepEqual(seen, ['one'])
})
