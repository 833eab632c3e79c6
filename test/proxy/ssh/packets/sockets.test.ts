// What packets are written from and read into: memory that connections share, and that is looked through in time.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { gatherWrites } from '../../../../proxy/ssh/packets/gather.ts'
import { readShared } from '../../../../proxy/ssh/packets/reads.ts'
import { thrownAway } from '../../../../proxy/ssh/packets/short-lived.ts'

const server = createServer()
before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(() => {
  server.close()
})

async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection')
  const near = connect(port, '127.0.0.1')
  await once(near, 'connect')
  const [far]: Socket[] = await accepted
  assert.ok(far !== undefined)
  return { near, far }
}

async function everything(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = []
  socket.on('data', (bytes: Buffer) => pieces.push(Buffer.from(bytes)))
  await once(socket, 'end')
  return Buffer.concat(pieces)
}

/** Bytes that differ from place to place. */
function counted(length: number, first: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => first + at * 7 + (at >> 8)))
}

test('what is written in pieces of any length arrives in order and whole, also right before the end', async () => {
  const { near, far } = await pair()
  gatherWrites(near)
  const came = everything(far)
  const pieces = [4, 32_784, 16, 1, 70_000, 34_000, 34_000, 34_000, 34_000, 34_000, 34_000, 0, 9].map(counted)
  for (const piece of pieces) {
    const given = Buffer.from(piece)
    near.write(given)
    // Memory that was handed over for a copy is its owner's again; a longer piece is the socket's until it is written.
    if (given.length < 64 * 1024) given.fill(0)
  }
  near.end(Buffer.from('the end'))
  assert.ok((await came).equals(Buffer.concat([...pieces, Buffer.from('the end')])))
  far.end()
})

test('the socket that was written to last goes first when the turn ends, and one that is asked to goes before that', async () => {
  const wrote: string[] = []
  const gathered = ['first', 'second', 'asked'].map((name) => {
    const socket = new Socket()
    socket.write = (bytes: string | Uint8Array): boolean => {
      wrote.push(`${name}: ${Buffer.from(bytes).toString()}`)
      return true
    }
    const flush = gatherWrites(socket)
    return { socket, flush }
  })
  for (const { socket } of gathered) socket.write(Buffer.from('one '))
  gathered[2]?.flush()
  for (const { socket } of gathered) socket.write(Buffer.from('two'))
  assert.deepEqual(wrote, ['asked: one '])
  await new Promise(setImmediate)
  assert.deepEqual(wrote, ['asked: one ', 'asked: two', 'second: one two', 'first: one two'])
})

test('memory of a turn is not used again while the system has not taken it', async () => {
  const { near, far } = await pair()
  gatherWrites(near)
  far.pause()
  const turns = Array.from({ length: 200 }, (_, at) => counted(60_000, at))
  for (const turn of turns) {
    near.write(Buffer.from(turn))
    await new Promise(setImmediate)
  }
  near.end()
  const came = everything(far)
  far.resume()
  assert.ok((await came).equals(Buffer.concat(turns)))
  far.end()
})

test('sockets that read into the same memory each tell their own bytes, and one that is paused tells none', async () => {
  const pairs = [await pair(), await pair(), await pair()]
  const sent = pairs.map((_, at) => counted(1_000_000, at))
  const came = pairs.map(({ far }, at) => {
    readShared(far, () => at !== 0)
    return everything(far)
  })
  let told = 0
  const [first] = pairs
  first?.far.pause()
  first?.far.on('data', () => told++)
  for (const [at, { near }] of pairs.entries()) near.end(counted(1_000_000, at))
  await Promise.all(came.slice(1))
  assert.equal(told, 0)
  first?.far.resume()
  for (const [at, bytes] of (await Promise.all(came)).entries()) assert.ok(sent[at]?.equals(bytes))
  for (const { far } of pairs) far.end()
})

test('bytes that were not copied by whoever took them are theirs to keep', async () => {
  const { near, far } = await pair()
  readShared(far, () => false)
  const kept: Buffer[] = []
  far.on('data', (bytes: Buffer) => kept.push(bytes))
  for (const piece of ['one ', 'two ', 'three']) {
    near.write(piece)
    await once(far, 'data')
  }
  assert.equal(Buffer.concat(kept).toString(), 'one two three')
  near.end()
  far.end()
})

test('memory that is thrown away is given back before much of it has gathered', () => {
  const before = process.memoryUsage().arrayBuffers
  let made = 0
  for (let turn = 0; turn < 1024; turn++) {
    made += Buffer.allocUnsafeSlow(64 * 1024).length
    thrownAway(64 * 1024)
  }
  const grown = process.memoryUsage().arrayBuffers - before
  assert.equal(made, 64 * 1024 * 1024)
  assert.ok(grown < 24 * 1024 * 1024, `${grown} bytes are still there`)
})
