import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const analyze = (args: readonly string[], input = '') =>
  spawnSync(process.execPath, [bin, 'analyze', 'kube', ...args], { encoding: 'utf8', input })

interface Answer {
  readonly id?: unknown
  readonly complete: boolean
  readonly error?: { readonly code: string }
  readonly kube?: { readonly verb: string; readonly resource: string; readonly body: { readonly kind: string } }
}

test('prints the facts of one request with headers and a body', () => {
  const text = 'POST /api/v1/namespaces/shop/pods HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"spec":{}}'
  const { status, stdout } = analyze([text])
  assert.equal(status, 0)
  const { complete, kube }: Answer = JSON.parse(stdout)
  assert.deepEqual([complete, kube?.verb, kube?.resource, kube?.body.kind], [true, 'create', 'pods', 'json'])
})

test('takes headers and body from options', () => {
  const { status, stdout } = analyze([
    'PATCH /apis/apps/v1/namespaces/shop/deployments/web',
    '--header',
    'Content-Type: application/merge-patch+json',
    '--body',
    '{"spec":{"replicas":2}}',
  ])
  assert.equal(status, 0)
  assert.match(stdout, /"patch_type": "merge"/)
})

test('reads a body in protobuf from a file, and in base64 from a line', () => {
  const body = Buffer.from(
    '6b3873000a0f0a02763112094e616d657370616365121c0a140a0464656d6f12001a0022002a0032003800420012001a020a001a002200',
    'hex',
  )
  const type = 'application/vnd.kubernetes.protobuf'
  const folder = mkdtempSync(join(tmpdir(), 'analyze-'))
  try {
    const file = join(folder, 'body')
    writeFileSync(file, body)
    const { stdout } = analyze(['POST /api/v1/namespaces', '--header', `Content-Type: ${type}`, '--body-file', file])
    assert.match(stdout, /"complete": true,/)
    assert.match(stdout, /"name": "demo"/)
  } finally {
    rmSync(folder, { recursive: true })
  }
  const line = {
    request: 'POST /api/v1/namespaces',
    headers: { 'content-type': type },
    body_base64: body.toString('base64'),
  }
  const answer: Answer = JSON.parse(analyze(['--lines'], `${JSON.stringify(line)}\n`).stdout)
  assert.deepEqual([answer.complete, answer.kube?.body.kind], [true, 'protobuf'])
})

test('says why a request with two readings is refused', () => {
  const { status, stdout } = analyze(['GET /api/v1//pods'])
  assert.equal(status, 2)
  assert.match(stdout, /"code": "path"/)
})

test('refuses a command line without a request', () => {
  assert.equal(analyze([]).status, 1)
  assert.equal(analyze(['GET']).status, 1)
})

test('reads JSON Lines and goes on after a bad one', () => {
  const lines = [
    { id: 1, request: 'GET /api/v1/pods' },
    { id: 2, text: 'POST /api/v1/pods', headers: { 'content-type': 'application/json' }, body: { a: 1 } },
    { id: 3, request: 'GET /api/v1/pods', headers: { Connection: 'Impersonate-User' } },
    { id: 4 },
  ]
  const { status, stdout } = analyze(['--lines'], `${lines.map((one) => JSON.stringify(one)).join('\n')}\nnope\n`)
  assert.equal(status, 0)
  const answers = stdout
    .trim()
    .split('\n')
    .map((line): Answer => JSON.parse(line))
  assert.deepEqual(
    answers.map(({ id, complete, error, kube }) => [id, complete, error?.code ?? kube?.verb]),
    [
      [1, true, 'list'],
      [2, true, 'create'],
      [3, false, 'header'],
      [4, false, 'bad_line'],
      [null, false, 'bad_line'],
    ],
  )
})
