// Many clients at once whose connections are read into the same memory: what one sends or gets is never another's, whoever
// is slow to read it.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { startHttpGateway } from '../../support/http-gateway.ts'

const clients = 24
const requestsEach = 12
const sizes = [10, 1000, 20_000, 33_000, 70_000, 300_000, 1_500_000]

/** Bytes that tell whose they are, which request's, and where in it they stand. */
function filled(client: number, at: number, length: number): string {
  const line = `${client}.${at}.`
  let text = ''
  for (let place = 0; text.length < length; place++) text += `${line}${place};`
  return text.slice(0, length)
}

test('what many clients at once send and get is their own, byte for byte, also where an end is slow', async () => {
  const upstream = createServer((request, response) => {
    const isChunked = request.url?.includes('chunked') === true
    response.writeHead(200, {
      'Content-Type': 'text/plain',
      ...(isChunked ? {} : { 'Content-Length': request.headers['content-length'] ?? '0' }),
    })
    request.on('data', (piece: Buffer) => {
      if (!response.write(piece)) request.pause()
      else if (request.url?.includes('slow') === true) {
        request.pause()
        setTimeout(() => request.resume(), 1)
      }
    })
    response.on('drain', () => request.resume())
    request.on('end', () => response.end())
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const gateway = await startHttpGateway({ upstreamPort: (upstream.address() as AddressInfo).port })
  const wrong: string[] = []
  let whole = 0
  const one = (client: number): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(gateway.port, '127.0.0.1')
      let at = 0
      let got = ''
      let expected = ''
      let isChunked = false
      const next = (): void => {
        if (at === requestsEach) {
          socket.destroy()
          resolve()
          return
        }
        isChunked = (client + at) % 3 === 0
        const isSlow = (client + at) % 4 === 0
        expected = filled(client, at, sizes[(client * 5 + at * 3) % sizes.length] ?? 0)
        const target = `/${isChunked ? 'chunked' : 'known'}-${isSlow ? 'slow' : 'quick'}`
        got = ''
        socket.write(
          `POST ${target} HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\nContent-Type: text/plain\r\nContent-Length: ${expected.length}\r\n\r\n${expected}`,
          'latin1',
        )
        at++
      }
      socket.on('data', (piece: Buffer) => {
        got += piece.toString('latin1')
        // A reader that is slow now and then.
        if ((client + at) % 5 === 0) {
          socket.pause()
          setTimeout(() => socket.resume(), 2)
        }
        const text = bodyOf(got, isChunked)
        if (text === undefined) return
        if (text === expected) whole++
        else wrong.push(`${client} ${at}: ${got.slice(0, 200)}`)
        next()
      })
      socket.on('error', () => undefined)
      socket.on('close', resolve)
      next()
    })
  await Promise.all(Array.from({ length: clients }, (_, client) => one(client)))
  await gateway.close()
  await new Promise((resolve) => upstream.close(resolve))
  assert.deepEqual(wrong, [])
  assert.equal(whole, clients * requestsEach)
})

/** The body of an answer once it is whole. */
function bodyOf(answer: string, isChunked: boolean): string | undefined {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const rest = answer.slice(end + 4)
  if (!isChunked) {
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer.slice(0, end + 2))?.[1] ?? '-1')
    return rest.length >= length ? rest : undefined
  }
  if (!rest.endsWith('\r\n0\r\n\r\n')) return undefined
  let text = ''
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at)
    const length = Number.parseInt(rest.slice(at, lineEnd), 16)
    if (length === 0) return text
    text += rest.slice(lineEnd + 2, lineEnd + 2 + length)
    at = lineEnd + 2 + length + 2
  }
}
