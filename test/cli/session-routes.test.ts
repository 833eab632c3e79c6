// `sallyport sessions live | end | hold | free` against the routes of a gateway.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import { alone } from '../../cli/serve/processes/peers.ts'
import { sessionRoutes } from '../../cli/serve/session-routes.ts'
import { type ControlAsked, control } from '../../cli/sessions/control.ts'
import { createGate } from '../../proxy/gate/index.ts'
import { readEntries, readLog } from '../../proxy/recording/index.ts'
import { gateParts, sampleOpening } from '../support/gate.ts'
import { recorderForTest, recordSession, type TestRecorder } from '../support/recordings.ts'

interface Asked {
  readonly made: TestRecorder
  readonly open: () => Promise<string>
  readonly ask: (change: Partial<ControlAsked>) => Promise<{ code: number | undefined; out: string }>
  readonly url: string
}

async function gateway(t: TestContext): Promise<Asked> {
  const made = recorderForTest({ wrapper: undefined })
  let ids = 0
  const gate = createGate(gateParts({ recorder: made.recorder, newId: () => `id-${++ids}` }))
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const route = sessionRoutes({ gate, recordings: { all: [made] }, peers: alone(), log })
  const server = createServer((request, response) => {
    if (!route(request, response, request.url ?? '')) response.writeHead(404).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const nobody = { session: undefined, reason: undefined, tokenFile: undefined }
  return {
    made,
    url,
    open: async () => {
      const opened = await gate.open(sampleOpening())
      assert.ok(opened.open)
      const { session } = opened
      session.onEnd(({ code }) => session.close(code))
      return session.id
    },
    ask: async (change) => {
      let out = ''
      const write = (text: string): void => {
        out += text
      }
      return { code: await control({ verb: 'live', ...nobody, url, ...change }, {}, write), out }
    },
  }
}

test('a session that runs is listed, ended for a reason, and its record says so', async (t) => {
  const { made, open, ask } = await gateway(t)
  const session = await open()
  const { code, out } = await ask({})
  assert.equal(code, 0)
  assert.match(out, new RegExp(`^${session} .* on .* since 20`))
  assert.equal((await ask({ verb: 'end', session })).code, undefined, 'a reason is needed')
  assert.deepEqual(await ask({ verb: 'end', session, reason: 'case 7' }), { code: 0, out: `${session} ended\n` })
  assert.equal((await ask({})).out, '')
  assert.equal((await ask({ verb: 'end', session, reason: 'case 7' })).code, 1, 'it is over')
  await made.recorder.close()
  const closed = [...readEntries(made.folder, session, undefined)].at(-1)?.entry
  assert.equal(closed?.kind, 'closed')
})

test('a recording is held and freed by leaves of the log; one that is not there is refused', async (t) => {
  const { made, ask } = await gateway(t)
  await recordSession(made.recorder.open('s-1'))
  assert.equal((await ask({ verb: 'hold', session: 's-1', reason: 'case 7' })).code, 0)
  assert.equal((await ask({ verb: 'free', session: 's-1', reason: 'over' })).code, 0)
  assert.equal((await ask({ verb: 'hold', session: 's-2', reason: 'case 7' })).code, 1)
  const events = readLog(made.folder).lines.map(({ leaf }) => `${leaf.event} ${leaf.reason ?? ''}`)
  assert.deepEqual(events, ['opened ', 'closed ', 'held case 7', 'freed over'])
  await made.recorder.close()
})

test('a body without a printable reason, another method and a strange name are refused', async (t) => {
  const { made, url } = await gateway(t)
  for (const body of [
    '',
    '{}',
    '{"reason":""}',
    '{"reason":"a\\u0000b"}',
    '{"reason":7}',
    `{"reason":"${'x'.repeat(501)}"}`,
  ]) {
    const response = await fetch(`${url}/v1/sessions/s-1/hold`, { method: 'POST', body })
    assert.equal(response.status, 400, body.slice(0, 20))
  }
  assert.equal((await fetch(`${url}/v1/sessions/s-1/hold`)).status, 404)
  assert.equal((await fetch(`${url}/v1/sessions/..%2Fx/hold`, { method: 'POST', body: '{"reason":"x"}' })).status, 404)
  await made.recorder.close()
})
