// A cluster that answers however it likes, and users who give up, read slowly or stop reading: nobody gets what is another's.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { KubernetesUpstream } from '../../../proxy/kubernetes/index.ts'
import { Asking, type UpstreamAnswer } from '../../../proxy/kubernetes/upstream-answer.ts'
import { chances, filled, HostileUpstream, hostileKinds } from '../../support/hostile-upstream.ts'

const users = 30
const requestsEach = 30

/** Reads an answer, whole or not; what of it is another's is told. */
async function read(
  answer: UpstreamAnswer,
  id: string,
  chance: (below: number) => number,
): Promise<string | undefined> {
  const said = answer.fields.find(([name]) => name === 'x-id')?.[1]
  if (said !== id) return `${id} got the head of ${said}`
  const { body } = answer
  let got = ''
  const stopsAt = chance(6) === 0 ? chance(200_000) : Number.POSITIVE_INFINITY
  const pauses = chance(4) === 0
  try {
    for await (const piece of body instanceof Readable ? body : [body]) {
      got += String(piece)
      if (got.length > stopsAt) break
      if (pauses) await new Promise((resolve) => setTimeout(resolve, chance(3)))
    }
  } catch {
    // Broken off: what came of it must be its own all the same.
  }
  if (stopsAt < Number.POSITIVE_INFINITY) answer.giveUp()
  return got === filled(id, got.length) ? undefined : `${id} got ${got.slice(0, 200)} ... ${got.slice(-200)}`
}

for (const seed of (process.env['SEEDS'] ?? '1').split(',').map(Number))
  test(`no byte of an answer or a request is another's, whatever a cluster does (${seed})`, async () => {
    const cluster = new HostileUpstream(seed)
    const server = createServer((socket) => cluster.serve(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const upstream = new KubernetesUpstream({
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      tls: undefined,
      token: async () => 'token',
      connectMs: 5000,
    })
    const chance = chances(seed + 1000)
    const wrong: string[] = []
    let whole = 0
    const one = async (user: number, at: number): Promise<void> => {
      const id = `${user}.${at}`
      const method = ['GET', 'GET', 'HEAD', 'POST'][chance(4)] ?? 'GET'
      const body = method === 'POST' ? filled(id, [1, 100, 20_000, 300_000][chance(4)] ?? 1) : ''
      const asking = new Asking()
      // Nobody waits for what never comes, and some do not wait for what does.
      const timer = setTimeout(() => asking.giveUp(), chance(5) === 0 ? chance(30) : 1000)
      const answer = await new Promise<UpstreamAnswer | undefined>((resolve) => {
        upstream.ask(
          {
            method,
            target: `/of/${id}`,
            headers: [['X-Id', id]],
            body: Buffer.from(body),
            asking,
            watches: false,
            isFollowed: chance(4) === 0,
            client: `user-${user % 5}`,
          },
          { answered: resolve, failed: () => resolve(undefined) },
        )
      })
      clearTimeout(timer)
      if (answer === undefined) return
      const timeout = setTimeout(() => answer.giveUp(), 1000)
      const found = await read(answer, id, chance)
      clearTimeout(timeout)
      if (found === undefined) whole++
      else wrong.push(found)
    }
    await Promise.all(
      Array.from({ length: users }, async (_, user) => {
        for (let at = 0; at < requestsEach; at++) await one(user, at)
      }),
    )
    upstream.close()
    server.close()
    assert.deepEqual([...wrong, ...cluster.wrong], [])
    assert.ok(whole > (users * requestsEach) / 10, `${whole} answers`)
    for (const kind of hostileKinds) assert.ok((cluster.kinds.get(kind) ?? 0) > 0, kind)
  })
