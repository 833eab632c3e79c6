// Recordings through a gateway: the policy says who may have one, and the log tells of each piece before it is given.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readBundle } from '../../bundles/format/index.ts'
import { compose, loadPolicy, packageOfModule } from '../../bundles/store/index.ts'
import { alone } from '../../cli/serve/processes/peers.ts'
import { viewsTold } from '../../cli/serve/processes/recordings.ts'
import { type RecordingRouteParts, recordingRoutes } from '../../cli/serve/recording-routes.ts'
import { view } from '../../cli/sessions/view.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import { LocalRecorder, readEntries, readLog, verifyRecordings } from '../../proxy/recording/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { recorderForTest, recordSession, type TestRecorder } from '../support/recordings.ts'

const auditors = `package policy.viewing

may_view if {
	"auditors" in input.identity.groups
	input.recording.labels.env == "test"
	input.recording.ended_at
	not input.recording.held
}
`

function policyOf(text: string): PolicyHost {
  const files = [{ path: 'p.rego', bytes: Buffer.from(text) }]
  return loadPolicy(compose([{ name: 'main', bundle: readBundle(files, packageOfModule) }]), {
    nowNs: () => 0n,
    random: (length) => new Uint8Array(length),
  })
}

interface Served {
  readonly made: TestRecorder
  readonly url: string
  readonly asked: (path: string, token?: string) => Promise<Response>
  readonly viewed: () => readonly string[]
}

/** Tokens are `group` names here; `bad` is none. */
async function served(t: TestContext, policy: PolicyHost, more: Partial<RecordingRouteParts> = {}): Promise<Served> {
  const made = recorderForTest({ segmentBytes: 600 })
  await recordSession(made.recorder.open('s-1'), 6)
  const { identity } = sampleDocument()
  const route = recordingRoutes({
    authenticator: {
      authenticate: async (credential) =>
        credential.kind === 'token' && credential.token !== 'bad'
          ? { ok: true, identity: { ...identity, subject: 'ann', groups: [credential.token] } }
          : { ok: false, refusal: { code: 'bad', message: 'no' } },
    },
    bars: ({ groups }) => (groups.includes('revoked') ? 'the token was revoked' : undefined),
    policy: () => policy,
    viewed: viewsTold({ recorder: made.recorder, all: [made], close: () => Promise.resolve() }, alone()),
    folderOf: () => made.folder,
    labelsOf: (name) => (name === 'orders-db' ? { env: 'test' } : undefined),
    nowMs: () => 0,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    ...more,
  })
  const server = createServer((request, response) => {
    if (!route(request, response, request.url ?? '')) response.writeHead(404).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    server.close()
    server.closeAllConnections()
    policy.close()
    await made.recorder.close()
  })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return {
    made,
    url,
    asked: (path, token) =>
      fetch(`${url}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    viewed: () =>
      readLog(made.folder).lines.flatMap(({ leaf }) => (leaf.event === 'viewed' ? [leaf.reason ?? ''] : [])),
  }
}

test('whom the policy lets have a recording gets all of it, sealed as it is, and the signed log tells', async (t) => {
  const { made, url, viewed } = await served(t, policyOf(auditors))
  const dir = mkdtempSync(join(tmpdir(), 'viewed-'))
  assert.equal(await view({ url, token: 'auditors', session: 's-1', dir }), 0)
  assert.deepEqual([...readEntries(dir, 's-1', made.unwrapper)], [...readEntries(made.folder, 's-1', made.unwrapper)])
  const given = viewed().map((reason) => JSON.parse(reason))
  assert.ok(given.length > 2)
  assert.deepEqual(given[0], { subject: 'ann', issuer: sampleDocument().identity.issuer, segment: '000000.segment' })
  assert.deepEqual(verifyRecordings(made.folder, made.checker).findings, [])
  // A gateway that starts again does not take a view for an end.
  const session = made.recorder.open('s-2')
  made.recorder.tell({ session: 's-2', event: 'viewed', head: '', reason: '{}' })
  await session.close('over')
  assert.deepEqual(verifyRecordings(made.folder, made.checker).findings, [])
  await made.recorder.close()
  const again = new LocalRecorder(made.config)
  await again.close()
  assert.deepEqual(verifyRecordings(made.folder, made.checker).findings, [])
})

test('whoever the policy does not name gets nothing, and learns not even whether there is a recording', async (t) => {
  const { made, asked, url, viewed } = await served(t, policyOf(auditors))
  made.recorder.open('s-live')
  for (const [path, token, status] of [
    ['/v1/recordings/s-1', undefined, 401],
    ['/v1/recordings/s-1', 'bad', 401],
    ['/v1/recordings/s-1', 'revoked', 401],
    ['/v1/recordings/s-1', 'agents', 403],
    ['/v1/recordings/s-1/000000.segment', 'agents', 403],
    ['/v1/recordings/s-live', 'auditors', 403],
    ['/v1/recordings/s-none', 'auditors', 403],
    ['/v1/recordings/s-1/000099.segment', 'auditors', 404],
    ['/v1/recordings/s-1/..%2f..%2flog%2fleaves', 'auditors', 404],
    ['/v1/recordings/../log', 'auditors', 404],
  ] as const) {
    const answer = await asked(path, token)
    assert.equal(answer.status, status, `${path} ${token}`)
    assert.ok(!(await answer.text()).includes('SALLYREC'))
  }
  assert.equal((await fetch(`${url}/v1/recordings/s-1`, { method: 'POST' })).status, 405)
  made.recorder.tell({ session: 's-1', event: 'held', head: '', reason: 'case 7' })
  assert.equal((await asked('/v1/recordings/s-1', 'auditors')).status, 403)
  assert.deepEqual(viewed(), [])
  const dir = mkdtempSync(join(tmpdir(), 'unviewed-'))
  assert.equal(await view({ url, token: 'agents', session: 's-1', dir }), 1)
})

for (const [name, text] of [
  ['says nothing of it', 'package policy.p\n\nallow if true\n'],
  ['has a conflict in it', 'package policy.p\n\nmay_view := true\n\nmay_view := false if true\n'],
  ['says something else than true', 'package policy.p\n\nmay_view := input.recording.session\n'],
] as const) {
  test(`a policy that ${name} lets nobody have a recording`, async (t) => {
    const { asked, viewed } = await served(t, policyOf(text))
    assert.equal((await asked('/v1/recordings/s-1', 'auditors')).status, 403)
    assert.deepEqual(viewed(), [])
  })
}

test('what cannot be told by the log is not given', async (t) => {
  const full = { viewed: () => Promise.reject(new Error('the disk is full')) }
  const { asked } = await served(t, policyOf(auditors), full)
  const answer = await asked('/v1/recordings/s-1/000000.segment', 'auditors')
  assert.equal(answer.status, 503)
  assert.ok(!(await answer.text()).includes('SALLYREC'))
})

test('a leaf that says who viewed cannot be changed unseen', async (t) => {
  const { made, asked } = await served(t, policyOf(auditors))
  assert.equal((await (await asked('/v1/recordings/s-1/000000.segment', 'auditors')).text()).slice(0, 8), 'SALLYREC')
  const path = join(made.folder, 'log', 'leaves')
  assert.ok(readFileSync(path, 'utf8').includes('\\"ann\\"'))
  writeFileSync(path, readFileSync(path, 'utf8').replace('\\"ann\\"', '\\"bob\\"'))
  assert.equal(verifyRecordings(made.folder, made.checker).whole, false)
})
