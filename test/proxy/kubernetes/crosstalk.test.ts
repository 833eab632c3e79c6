// Many users at once, whose requests share connections to the cluster: each gets its own answers, whatever becomes of the
// others' requests meanwhile.
import assert from 'node:assert/strict'
import { type ClientRequest, request } from 'node:http'
import { test } from 'node:test'
import { sampleDocument } from '../../support/action-document.ts'
import { results } from '../../support/gate.ts'
import { startKubeGateway } from '../../support/kube-gateway.ts'

const users = 40
const requestsEach = 25

/** What becomes of a request, by its number: all kinds come with all neighbours. */
const kinds = ['short', 'late', 'long', 'chunked', 'given up', 'broken off', 'posted', 'refused'] as const

test('each of many users at once gets the answers to what it asked, and no others', async () => {
  const gateway = await startKubeGateway({
    upstreamTls: true,
    change: {
      authenticator: {
        authenticate: async (credential) => ({
          ok: true,
          identity: {
            ...sampleDocument().identity,
            subject: credential.kind === 'token' ? credential.token : '',
            groups: ['dev'],
            token: {
              ...sampleDocument().identity.token,
              expires_at: new Date(Date.now() + 3_600_000).toISOString(),
            },
          },
        }),
      },
    },
  })
  gateway.parts.live.answer = () => results.allow
  gateway.upstream.answer = ({ url, headers, body }, response) => {
    const user = headers.find(([name]) => name.toLowerCase() === 'impersonate-user')?.[1] ?? ''
    const kind = url.split('=')[1] ?? ''
    const filler = 'x'.repeat(kind === 'long' || kind === 'broken' ? 300_000 : 10)
    const text = JSON.stringify({ kind: 'ConfigMap', user, url, body, filler })
    const status = kind === 'refused' ? 403 : 200
    const lengths = kind === 'chunked' ? {} : { 'Content-Length': Buffer.byteLength(text) }
    const write = (): void => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...lengths })
      if (kind !== 'broken') {
        response.write(text.slice(0, 20))
        response.end(text.slice(20))
        return
      }
      response.write(text.slice(0, 200_000))
      setTimeout(() => response.destroy(), 2)
    }
    if (kind === 'late' || kind === 'given') setTimeout(write, 5)
    else write()
  }
  const told = new Map<string, number>()
  const wrong: string[] = []
  const one = (user: string, at: number, kind: (typeof kinds)[number]): Promise<void> =>
    new Promise((resolve) => {
      const path = `/api/v1/namespaces/shop/configmaps${kind === 'posted' ? '' : `/c-${user}-${at}`}?k=${kind.split(' ')[0]}`
      const body = kind === 'posted' ? JSON.stringify({ kind: 'ConfigMap', metadata: { name: `c-${user}-${at}` } }) : ''
      const sent: ClientRequest = request(
        {
          host: '127.0.0.1',
          port: gateway.port,
          method: kind === 'posted' ? 'POST' : 'GET',
          path,
          agent: false,
          headers: { authorization: `Bearer ${user}`, ...(body === '' ? {} : { 'content-type': 'application/json' }) },
        },
        (response) => {
          let text = ''
          response.on('data', (piece: Buffer) => {
            text += piece.toString()
          })
          response.on('error', () => undefined)
          response.on('close', () => {
            told.set(kind, (told.get(kind) ?? 0) + 1)
            if (text !== '') {
              const own = `{"kind":"ConfigMap","user":"sallyport:${user}","url":"${path}","body":${JSON.stringify(body)},`
              if (!text.startsWith(own)) wrong.push(`${user} ${path}: ${text.slice(0, 200)}`)
            }
            resolve()
          })
        },
      )
      sent.on('error', () => resolve())
      sent.end(body)
      if (kind === 'given up') setTimeout(() => sent.destroy(), at % 7)
    })
  await Promise.all(
    Array.from({ length: users }, async (_, user) => {
      for (let at = 0; at < requestsEach; at++)
        await one(`user-${user}`, at, kinds[(user * 3 + at * 5) % kinds.length] ?? 'short')
    }),
  )
  await gateway.close()
  assert.deepEqual(wrong, [])
  for (const kind of kinds)
    if (kind !== 'given up') assert.equal(told.get(kind), (users * requestsEach) / kinds.length, kind)
})
