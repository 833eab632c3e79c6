// The demo's HTTP API: customers as JSON, for whoever has the key that only the gateway has. It listens on loopback.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

/** A running API. */
export interface DemoApi {
  readonly port: number
  /** The bearer token that it wants. */
  readonly key: string
  close(): Promise<void>
}

interface Customer {
  readonly id: number
  readonly name: string
  readonly email: string
}

/** Starts it. */
export async function startDemoApi(): Promise<DemoApi> {
  const key = randomBytes(24).toString('base64url')
  const wanted = Buffer.from(`Bearer ${key}`)
  const customers = new Map<number, Customer>()
  for (let id = 1; id <= 5; id++) customers.set(id, { id, name: `customer ${id}`, email: `customer${id}@example.org` })
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
    }
    request.resume()
    const shown = Buffer.from(request.headers.authorization ?? '')
    if (shown.length !== wanted.length || !timingSafeEqual(shown, wanted)) return answer(401, { error: 'no key' })
    const [, collection, id] = (request.url ?? '').split('/')
    if (collection !== 'customers') return answer(404, { error: 'not found' })
    if (id === undefined) return answer(200, { customers: [...customers.values()] })
    const found = customers.get(Number(id))
    if (found === undefined) return answer(404, { error: 'no such customer' })
    if (request.method === 'DELETE') customers.delete(found.id)
    answer(200, found)
  })
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', done)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    key,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
