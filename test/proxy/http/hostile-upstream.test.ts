// An API that answers however it likes, and clients that go away, read slowly or speak for many users on one connection:
// nobody gets what is another's.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request as requestHttp } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, createServer } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { test } from 'node:test'
import { sampleDocument } from '../../support/action-document.ts'
import { chances, filled, HostileUpstream, hostileKinds } from '../../support/hostile-upstream.ts'
import { startHttpGateway } from '../../support/http-gateway.ts'

const users = 16
const requestsEach = 30

/** A request that is on its way. */
interface Sent {
  readonly stream: Duplex | NodeJS.WritableStream
  readonly answer: Promise<{ readonly status: number; readonly id: unknown; readonly body: Readable } | undefined>
  readonly giveUp: () => void
}

/** Over a connection of HTTP/1.1 of the user's own. */
function overHttp1(port: number, agent: Agent, method: string, path: string, headers: Record<string, string>): Sent {
  const sent = requestHttp({ host: '127.0.0.1', port, agent, method, path, headers })
  sent.on('error', () => undefined)
  const answer = new Promise<Awaited<Sent['answer']>>((resolve) => {
    sent.once('response', (body) => {
      body.on('error', () => undefined)
      resolve({ status: body.statusCode ?? 0, id: body.headers['x-id'], body })
    })
    sent.once('close', () => resolve(undefined))
  })
  return { stream: sent, answer, giveUp: () => void sent.destroy() }
}

/** Over a connection of HTTP/2 that users share. */
function overHttp2(session: ClientHttp2Session, method: string, path: string, headers: Record<string, string>): Sent {
  const { host, ...others } = headers
  const sent = session.request({ ':method': method, ':path': path, ':authority': host, ...others })
  sent.on('error', () => undefined)
  const answer = new Promise<Awaited<Sent['answer']>>((resolve) => {
    sent.once('response', (head) => resolve({ status: head[':status'] ?? 0, id: head['x-id'], body: sent }))
    sent.once('close', () => resolve(undefined))
  })
  return { stream: sent, answer, giveUp: () => void sent.close(8) }
}

for (const seed of (process.env['SEEDS'] ?? '1').split(',').map(Number))
  test(`no byte of an answer or a request is another's, whatever an API does (${seed})`, async () => {
    const api = new HostileUpstream(seed)
    const server = createServer((socket) => api.serve(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const sample = sampleDocument().identity
    const token = { ...sample.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() }
    const gateway = await startHttpGateway({
      upstreamPort: (server.address() as AddressInfo).port,
      listener: {
        authenticator: {
          authenticate: async (credential) => ({
            ok: true,
            identity: { ...sample, subject: credential.kind === 'token' ? credential.token : '', token },
          }),
        },
      },
    })
    const chance = chances(seed + 1000)
    const wrong: string[] = []
    let whole = 0
    let shared = connectHttp2(`http://127.0.0.1:${gateway.port}`)
    const sharedNow = (): ClientHttp2Session => {
      if (shared.closed || shared.destroyed) shared = connectHttp2(`http://127.0.0.1:${gateway.port}`)
      shared.setMaxListeners(100)
      if (shared.listenerCount('error') === 0) shared.on('error', () => undefined)
      return shared
    }
    const one = async (agent: Agent, user: number, at: number): Promise<void> => {
      const id = `${user}.${at}`
      const method = ['GET', 'GET', 'HEAD', 'POST'][chance(4)] ?? 'GET'
      const body = method === 'POST' ? filled(id, [1, 100, 20_000, 300_000, 1_200_000][chance(5)] ?? 1) : ''
      const headers = {
        host: 'api.example',
        authorization: `Bearer user-${user % 12}`,
        'x-id': id,
        ...(method === 'POST' ? { 'content-type': 'text/plain', 'content-length': String(body.length) } : {}),
      }
      const sent =
        user % 2 === 0
          ? overHttp1(gateway.port, agent, method, `/of/${id}`, headers)
          : overHttp2(sharedNow(), method, `/of/${id}`, headers)
      // Nobody waits for what never comes, and some do not wait for what does.
      const timer = setTimeout(sent.giveUp, chance(6) === 0 ? chance(30) : 1000)
      sent.stream.end(body)
      const answer = await sent.answer
      if (answer !== undefined) {
        let got = ''
        const pauses = chance(4) === 0
        try {
          for await (const piece of answer.body) {
            got += String(piece)
            if (pauses) await new Promise((resolve) => setTimeout(resolve, chance(3)))
          }
        } catch {
          // Broken off: what came of it must be its own all the same.
        }
        const isOwn =
          answer.id === undefined && answer.status >= 400 ? true : answer.id === id && got === filled(id, got.length)
        if (!isOwn)
          wrong.push(`${id} got ${answer.status} ${String(answer.id)} ${got.slice(0, 100)} ... ${got.slice(-100)}`)
        else if (answer.id === id) whole++
      }
      clearTimeout(timer)
    }
    await Promise.all(
      Array.from({ length: users }, async (_, user) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        for (let at = 0; at < requestsEach; at++) await one(agent, user, at)
        agent.destroy()
      }),
    )
    shared.destroy()
    await gateway.close()
    server.close()
    assert.deepEqual([...wrong, ...api.wrong], [])
    assert.ok(whole > (users * requestsEach) / 10, `${whole} answers`)
    for (const kind of hostileKinds) assert.ok((api.kinds.get(kind) ?? 0) > 0, kind)
    assert.deepEqual(gateway.errors, [])
  })
