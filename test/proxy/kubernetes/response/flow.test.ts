// How answers flow: in larger pieces than they came, never faster than the client takes them, and none that broke off looks
// whole.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { PassThrough, Transform } from 'node:stream'
import { after, afterEach, test } from 'node:test'
import { type Flowing, flow, flowThrough, type Metered } from '../../../../proxy/kubernetes/response/flow.ts'

let serve: (response: ServerResponse) => void = () => undefined
const server: Server = createServer((_request, response) => serve(response))
const listening = new Promise<number>((resolve) =>
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(typeof address === 'object' && address !== null ? address.port : 0)
  }),
)
const clients: IncomingMessage[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
})
after(() => server.close())

interface Running {
  readonly from: PassThrough
  readonly client: IncomingMessage
  readonly pieces: number[]
  readonly over: Promise<Error | undefined>
}

/** An answer that flows from `from` to a client that has its head. */
async function run(through?: Transform, meter: (bytes: Buffer) => Metered = () => undefined): Promise<Running> {
  const from = new PassThrough()
  const pieces: number[] = []
  const over = new Promise<Error | undefined>((resolve) => {
    serve = (response) => {
      response.flushHeaders()
      const flowing: Flowing = {
        meter: (bytes) => {
          pieces.push(bytes.length)
          return meter(bytes)
        },
        done: (error) => {
          if (error !== null && error !== undefined) response.destroy()
          resolve(error ?? undefined)
        },
      }
      if (through === undefined) flowThrough(from, response, flowing)
      else flow(from, through, response, flowing)
    }
  })
  const [client] = await once(get({ port: await listening, host: '127.0.0.1', agent: false }), 'response')
  client.on('error', () => undefined)
  clients.push(client)
  return { from, client, pieces, over }
}

async function read(client: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of client) text += String(piece)
  return text
}

const loud = (): Transform =>
  new Transform({
    transform: (bytes: Buffer, _encoding, done) => done(null, bytes.toString().toUpperCase()),
  })

test('what comes in one turn goes on as one piece, through a mask or not', async () => {
  for (const through of [undefined, loud()]) {
    const { from, client, pieces, over } = await run(through)
    for (const piece of ['a', 'b', 'c']) from.write(piece)
    from.end('d')
    assert.equal((await read(client)).toLowerCase(), 'abcd')
    assert.equal(await over, undefined)
    assert.deepEqual(pieces, [4])
  }
})

/** Writes until nothing more is taken; answers how much was. */
async function fill(from: PassThrough): Promise<number> {
  const piece = Buffer.alloc(64 * 1024, 'x')
  let bytes = 0
  for (let turns = 0; turns < 50; turns++) {
    while (!from.writableNeedDrain && bytes < 256 * 1024 * 1024) {
      from.write(piece)
      bytes += piece.length
      turns = 0
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return bytes
}

test('a client that reads nothing stops the reading, and gets all of it once it reads', async () => {
  for (const through of [undefined, loud()]) {
    const { from, client, over } = await run(through)
    client.pause()
    const sent = await fill(from)
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`)
    from.end()
    assert.equal((await read(client)).length, sent)
    assert.equal(await over, undefined)
  }
})

test('a recorder that is behind stops the flow until it has room', async () => {
  let go: () => void = () => undefined
  const waits = new Promise<void>((resolve) => {
    go = resolve
  })
  const { from, client, pieces, over } = await run(undefined, () => (resume) => {
    waits.then(resume, () => undefined)
  })
  from.end('held')
  let isOver = false
  over.then(
    () => {
      isOver = true
    },
    () => undefined,
  )
  while (pieces.length === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isOver, false)
  go()
  assert.equal(await read(client), 'held')
  assert.equal(await over, undefined)
})

test('a limit, a mask that fails, a cluster that breaks off and a client that leaves end it with an error', async () => {
  const fails = new Transform({ transform: (_bytes, _encoding, done) => done(new Error('cannot be masked')) })
  const cases: readonly (readonly [string, Transform | undefined, (running: Running) => void])[] = [
    ['limit', undefined, ({ from }) => from.write('over')],
    ['mask', fails, ({ from }) => from.write('some')],
    ['cluster', undefined, ({ from }) => from.destroy()],
    ['client', undefined, ({ client }) => client.destroy()],
  ]
  for (const [name, through, ends] of cases) {
    const running = await run(through, () => (name === 'limit' ? 'stop' : undefined))
    ends(running)
    assert.ok((await running.over) instanceof Error, name)
    if (name !== 'client') await assert.rejects(read(running.client), name)
    if (!running.from.destroyed) await once(running.from, 'close')
    assert.ok(running.from.destroyed, name)
  }
})
