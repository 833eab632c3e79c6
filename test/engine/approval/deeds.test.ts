// Deeds: what a grant of one action covers of the next, by the real analyzers; what they cannot read whole is no deed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalRequest, httpAction } from '../../../engine/action/http/index.ts'
import type { Action, ActionDocument } from '../../../engine/action/index.ts'
import { analyzeKube } from '../../../engine/action/kube/index.ts'
import { analyzeArgv, analyzeLine } from '../../../engine/action/shell/index.ts'
import { areAmong, deedsOf, deedWords } from '../../../engine/approval/index.ts'
import { sampleDocument } from '../../support/action-document.ts'

function documentOf(action: Omit<Action, 'digest'>): ActionDocument {
  const { sql: _, ...rest } = sampleDocument().action
  const { digest: _digest, ...plain } = rest
  const sample = sampleDocument()
  return { ...sample, action: { ...plain, ...action, digest: '' } }
}
const ssh = (line: string): ActionDocument => {
  const shell = analyzeLine(line)
  return documentOf({
    stage: 'request',
    verb: 'execute',
    operation: 'exec',
    text: line,
    complete: shell.complete,
    shell,
  })
}
const http = (method: string, target: string, body = '{"n":1}'): ActionDocument => {
  const request = canonicalRequest(
    {
      method,
      target,
      fields: [
        ['host', 'api.example'],
        ['content-type', 'application/json'],
      ],
    },
    'http',
  )
  return documentOf(httpAction(request, { kind: 'whole', bytes: Buffer.from(body) }))
}
const kube = (method: string, target: string, body: object | undefined = undefined): ActionDocument => {
  const bytes = body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body))
  const headers = body === undefined ? [] : [['content-type', 'application/json'] as const]
  const analysis = analyzeKube({ method, target, headers, body: bytes }, analyzeArgv)
  assert.ok('facts' in analysis, JSON.stringify(analysis))
  const { verb, operation, text, facts } = analysis
  return documentOf({ stage: 'request', verb, operation, text, complete: facts.complete, kube: facts })
}
const pod = (name: string, securityContext: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'app', image: 'example.org/app:1', securityContext }] },
})
const pods = '/api/v1/namespaces/shop/pods'
const exec = (command: string): string => `${pods}/web/exec?command=${command}&container=app&stdout=true`

/** What is granted, what that covers too, and what it does not. */
const cases: readonly [string, ActionDocument, readonly ActionDocument[], readonly ActionDocument[]][] = [
  [
    'a command line',
    ssh('touch made'),
    [ssh('touch  made'), ssh("'touch' made")],
    [
      ssh('touch other'),
      ssh('touch made other'),
      ssh('sudo touch made'),
      ssh('touch made; rm made'),
      ssh('touch made > log'),
      ssh('LD_PRELOAD=x touch made'),
      ssh('rm made'),
    ],
  ],
  [
    'a call of an API, whatever its body',
    http('POST', '/orders/1?mode=safe'),
    [http('POST', '/orders/1?mode=safe', '{"n":2}')],
    [
      http('POST', '/orders/2?mode=safe'),
      http('POST', '/orders/1?mode=force'),
      http('POST', '/orders/1'),
      http('PUT', '/orders/1?mode=safe'),
      http('DELETE', '/orders/1?mode=safe'),
    ],
  ],
  [
    'a call of a tool, whatever its arguments',
    http(
      'POST',
      '/mcp',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{"q":"a"}}}',
    ),
    [
      http(
        'POST',
        '/mcp',
        '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"search","arguments":{"q":"b"}}}',
      ),
    ],
    [
      http(
        'POST',
        '/mcp',
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"drop","arguments":{"q":"a"}}}',
      ),
      http('POST', '/mcp', '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'),
    ],
  ],
  [
    'an object of a cluster',
    kube('DELETE', `${pods}/web`),
    [kube('DELETE', `${pods}/web`)],
    [
      kube('DELETE', `${pods}/other`),
      kube('DELETE', pods),
      kube('DELETE', '/api/v1/namespaces/other/pods/web'),
      kube('DELETE', '/api/v1/namespaces/shop/secrets/web'),
      kube('GET', `${pods}/web`),
    ],
  ],
  [
    'a pod that is made, whatever its name',
    kube('POST', pods, pod('one')),
    [kube('POST', pods, pod('two'))],
    [kube('POST', pods, pod('one', { privileged: true })), kube('POST', `${pods}?dryRun=All`, pod('one'))],
  ],
  [
    'a command in a pod',
    kube('POST', exec('date')),
    [kube('POST', exec('date'))],
    [kube('POST', exec('env')), kube('POST', `${exec('date')}&stdin=true`), kube('POST', `${exec('date')}&tty=true`)],
  ],
]
for (const [name, granted, covered, not] of cases) {
  test(`a grant of ${name} covers that, and nothing else`, () => {
    const deeds = deedsOf(granted)
    assert.ok(deeds !== undefined)
    assert.ok(areAmong(deeds, deeds))
    for (const document of covered) {
      const others = deedsOf(document)
      assert.ok(others !== undefined && areAmong(others, deeds), document.action.text)
    }
    for (const document of not) {
      const others = deedsOf(document)
      assert.ok(others === undefined || !areAmong(others, deeds), document.action.text)
    }
  })
}

test('what is not wholly read cannot be granted', () => {
  for (const document of [
    ssh('touch $NAME'),
    ssh('echo cm0K | base64 -d | sh'),
    { ...http('POST', '/a'), action: { ...http('POST', '/a').action, complete: false } },
    sampleDocument(),
  ])
    assert.equal(deedsOf(document), undefined, document.action.text)
})

test('an action of very many deeds cannot be granted', () => {
  const many = (count: number) => ssh(Array.from({ length: count }, (_, index) => `touch f${index}`).join('; '))
  assert.ok(deedsOf(many(60)) !== undefined)
  assert.equal(deedsOf(many(70)), undefined)
})

test('deeds in words hide nothing', () => {
  const [deed] = deedsOf(documentOf({ ...ssh('ls').action, stage: 'connect', verb: 'connect' })) ?? []
  assert.equal(deed?.on, 'connect')
  assert.equal(
    deedWords({ on: 'ssh', verb: 'run', to: ['rm', 'a b', '\u202e'], detail: 'a'.repeat(64) }),
    'ssh: run "rm" "a b" "\\u{202e}" (as held, aaaaaaaaaaaa)',
  )
})
