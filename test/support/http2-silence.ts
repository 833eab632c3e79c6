// Bounds on the silence of connections of HTTP/2, short enough to be waited for.
import { once } from 'node:events'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { mock } from 'node:test'

/** Makes every bound on silence `quietMs` for sessions of this process, until mocks are restored. */
export async function shortSilence(quietMs: number): Promise<void> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const heard = once(server, 'session')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [session] = await heard
  const of = Object.getPrototypeOf(Object.getPrototypeOf(session))
  const { setTimeout } = of
  mock.method(of, 'setTimeout', function (this: unknown, ms: number, ...more: unknown[]) {
    return Reflect.apply(setTimeout, this, [ms === 0 ? 0 : quietMs, ...more])
  })
  client.destroy()
  server.close()
}
