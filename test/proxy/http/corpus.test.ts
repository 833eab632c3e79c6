// Raw requests through the gateway to node:http: what was judged is what was received, or it was refused.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { bodyDigest, differencesOf, type ReceivedRequest, rawCases, sortedPairs } from '../../support/http-corpus.ts'
import { startHttpGateway } from '../../support/http-gateway.ts'

/** Fields that would tell an upstream who acts, where, or how a message ends; only the gateway may write them. */
const neverRelayed =
  /^(connection|te|trailer|expect|via|forwarded|max-forwards|keep-alive|proxy-.*|http2-.*|upgrade|x-forwarded-.*|x-real-ip|impersonate-.*|(x-)?remote-.*|x-auth.*)$/

test('of the corpus, node:http receives what was judged, and nothing else', async () => {
  const received: ReceivedRequest[] = []
  const wrong: string[] = []
  const api = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const read = new URL(url, 'http://inner.example')
      const hasBody = 'content-length' in headers || 'transfer-encoding' in headers
      received.push({
        method,
        path: read.pathname.split('/').map(decodeURIComponent).join('/'),
        query: sortedPairs([...read.searchParams]),
        body: hasBody ? bodyDigest(Buffer.concat(chunks)) : '',
      })
      const relayed = Object.keys(headers).filter((name) => name !== 'connection' && neverRelayed.test(name))
      if (relayed.length > 0) wrong.push(`${method} ${url}: the upstream got ${relayed.join(', ')}`)
      if (headers.host !== 'inner.example' || headers.authorization !== 'Bearer upstream-secret')
        wrong.push(`${method} ${url}: the upstream got another host or credential`)
      response.end('ok')
    })
  })
  api.on('clientError', (error, socket) => {
    wrong.push(`node:http refused what was forwarded: ${error.message}`)
    socket.destroy()
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  const address = api.address()
  const gateway = await startHttpGateway({ upstreamPort: typeof address === 'object' ? (address?.port ?? 0) : 0 })
  try {
    const cases = rawCases()
    assert.ok(cases.length >= 250, `${cases.length} cases`)
    for (const one of cases) wrong.push(...(await differencesOf(one, gateway, () => received.splice(0))))
  } finally {
    await gateway.close()
    api.close()
    api.closeAllConnections()
  }
  assert.deepEqual(wrong, [])
  assert.deepEqual(gateway.errors, [])
})
