// Bodies in protobuf: what Kubernetes writes is read in full, what only a lenient decoder would take is incomplete.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { analyzeKube, type KubeFacts } from '../../../../engine/action/kube/index.ts'

type Bytes = Uint8Array

function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.of(...bytes, Number(rest))
}

function field(number: number, value: number | string | Bytes, ...more: readonly Bytes[]): Bytes {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)])
  const bytes = Buffer.concat([Buffer.from(value), ...more])
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

function envelope(apiVersion: string, kind: string, ...raw: readonly Bytes[]): Bytes {
  return Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, field(1, apiVersion), field(2, kind)),
    field(2, '', ...raw),
    field(3, ''),
    field(4, ''),
  ])
}

function factsOf(request: string, body: Bytes): KubeFacts {
  const [method = '', target = ''] = request.split(' ')
  const headers = [['content-type', 'application/vnd.kubernetes.protobuf']] as const
  const result = analyzeKube({ method, target, headers, body })
  if (result.kind !== 'analysis') throw new Error(result.message)
  assert.deepEqual(result.forward.body, body)
  assert.equal(result.facts.complete, result.facts.reasons.length === 0)
  return result.facts
}

const pods = 'POST /api/v1/namespaces/shop/pods'
const named = (name: string): Bytes => field(1, field(1, name))

test('a deployment with a privileged container', () => {
  const container = [field(1, 'a'), field(2, 'nginx:1'), field(15, field(2, 1), field(1, field(1, 'SYS_ADMIN')))]
  const template = field(2, field(2, '', ...container), field(11, 1), field(8, 'builder'))
  const facts = factsOf(
    'POST /apis/apps/v1/namespaces/shop/deployments',
    envelope('apps/v1', 'Deployment', named('web'), field(2, field(1, 3), field(3, template))),
  )
  assert.deepEqual(facts.reasons, [])
  assert.deepEqual(facts.body, {
    kind: 'protobuf',
    complete: true,
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [
              {
                name: 'a',
                image: 'nginx:1',
                securityContext: { privileged: true, capabilities: { add: ['SYS_ADMIN'] } },
              },
            ],
            hostNetwork: true,
            serviceAccountName: 'builder',
          },
        },
      },
    },
  })
  assert.deepEqual(
    [facts.pod?.privileged, facts.pod?.host_network, facts.pod?.capabilities, facts.pod?.images],
    [true, true, ['SYS_ADMIN'], ['nginx:1']],
  )
  assert.deepEqual(facts.pod?.service_accounts, ['builder'])
})

test('fields that stand in a message of their own and not so in JSON: volumes, probes, references to secrets', () => {
  const volume = field(1, field(1, 'host'), field(2, field(1, field(1, '/etc'))))
  const probe = field(10, field(1, field(3, field(1, field(1, 0), field(2, 8080), field(3, '')))), field(2, 5))
  const env = field(7, field(1, 'P'), field(3, field(4, field(1, field(1, 'db')), field(2, 'password'))))
  const memory = field(8, field(1, field(1, 'memory'), field(2, field(1, '64Mi'))))
  const port = field(6, field(2, 80), field(3, 8080))
  const container = field(2, field(1, 'a'), field(2, 'i'), port, env, memory, probe)
  const facts = factsOf(pods, envelope('v1', 'Pod', named('x'), field(2, volume, container, field(4, 0))))
  assert.deepEqual(facts.body.object, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x' },
    spec: {
      volumes: [{ name: 'host', hostPath: { path: '/etc' } }],
      containers: [
        {
          name: 'a',
          image: 'i',
          ports: [{ hostPort: 80, containerPort: 8080 }],
          env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }],
          resources: { limits: { memory: '64Mi' } },
          livenessProbe: { tcpSocket: { port: 8080 }, initialDelaySeconds: 5 },
        },
      ],
      terminationGracePeriodSeconds: 0,
    },
  })
  assert.deepEqual(
    [facts.complete, facts.pod?.host_paths, facts.pod?.host_ports, facts.pod?.secrets.env],
    [true, ['/etc'], [80], ['db']],
  )
})

test('times, negative numbers, maps, embedded JSON and keys of any name', () => {
  const at = field(8, field(1, 1_700_000_000), field(2, 0))
  const managed = field(17, field(1, 'kubectl'), field(7, field(1, '{"f:data":{}}')))
  const label = field(11, field(1, '__proto__'), field(2, 'x'))
  const facts = factsOf(
    'PUT /api/v1/namespaces/shop/pods/x',
    envelope('v1', 'Pod', field(1, at, managed, label), field(2, field(25, -7))),
  )
  assert.equal(facts.complete, true)
  assert.equal(
    JSON.stringify(facts.body.object),
    '{"apiVersion":"v1","kind":"Pod","metadata":{"creationTimestamp":"2023-11-14T22:13:20Z","managedFields":[{"manager":"kubectl","fieldsV1":{"f:data":{}}}],"labels":{"__proto__":"x"}},"spec":{"priority":-7}}',
  )
})

test('options of a delete, an eviction and a scale', () => {
  const options = [field(1, 0), field(4, 'Orphan'), field(5, 'All')]
  const deleted = factsOf(
    'DELETE /apis/apps/v1/namespaces/shop/deployments/web',
    envelope('apps/v1', 'DeleteOptions', ...options),
  )
  assert.deepEqual(
    [deleted.complete, deleted.grace_seconds, deleted.propagation, deleted.dry_run],
    [true, 0, 'Orphan', true],
  )
  const evicted = factsOf(
    'POST /api/v1/namespaces/shop/pods/x/eviction',
    envelope('policy/v1', 'Eviction', named('x'), field(2, field(1, 30))),
  )
  assert.deepEqual([evicted.complete, evicted.grace_seconds], [true, 30])
  const scaled = factsOf(
    'PUT /apis/apps/v1/namespaces/shop/deployments/web/scale',
    envelope('autoscaling/v1', 'Scale', named('web'), field(2, field(1, 9))),
  )
  assert.deepEqual([scaled.complete, scaled.scale?.replicas], [true, 9])
})

test('values of a secret are told to nobody, whether the body is read or not', () => {
  const secrets = 'POST /api/v1/namespaces/shop/secrets'
  const data = field(2, field(1, 'p'), field(2, 'hunter2'))
  const read = factsOf(secrets, envelope('v1', 'Secret', named('db'), data))
  assert.deepEqual(read.body.object, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db' },
    data: { p: '[redacted]' },
  })
  const broken = factsOf(secrets, envelope('v1', 'Secret', named('db'), data, field(99, 1)))
  assert.deepEqual([broken.complete, broken.body.object], [false, { apiVersion: 'v1', kind: 'Secret' }])
})

const spec = (...parts: readonly Bytes[]): Bytes => envelope('v1', 'Pod', named('x'), field(2, '', ...parts))
const hostile: readonly (readonly [string, Bytes, string])[] = [
  ['a field of an unknown number', spec(field(999, 1)), 'not known'],
  ['a field of another type', spec(field(11, 'yes')), 'another type'],
  ['a packed list of numbers', spec(field(14, field(4, Uint8Array.of(1, 2)))), 'another type'],
  ['a group', spec(Uint8Array.of(0x5b, 0x5c)), 'does not write'],
  ['a field of number 0', spec(Uint8Array.of(0, 1)), 'no valid number'],
  ['a boolean twice', spec(field(11, 0), field(11, 1)), 'comes twice'],
  [
    'a message twice, which Go merges',
    envelope('v1', 'Pod', field(2, field(11, 0)), field(2, field(12, 1))),
    'comes twice',
  ],
  ['a boolean of 2', spec(field(11, 2)), 'neither true nor false'],
  ['a number in too many bytes', spec(Uint8Array.of(0x58, 0x81, 0x00)), 'more bytes than it needs'],
  ['a tag in too many bytes', spec(Uint8Array.of(0xd8, 0x00, 0x01)), 'more bytes than it needs'],
  ['a number of more than 64 bits', spec(Uint8Array.of(0x20, ...new Array(9).fill(0xff), 0x02)), '64 bits'],
  ['a number of 32 bits that loses its upper ones', spec(field(25, 2 ** 32)), 'out of range'],
  ['a number that loses digits', spec(field(4, 2 ** 60)), 'lose digits'],
  ['a text that is no UTF-8', spec(field(10, Uint8Array.of(0xff))), 'UTF-8'],
  ['a length past the end', spec(Uint8Array.of(0x52, 0x7f, 0x61)), 'ends within'],
  ['a length without end', spec(Uint8Array.of(0x52, 0xff)), 'ends within'],
  ['a map with a key twice', spec(...['a', 'b'].map((to) => field(7, field(1, 'k'), field(2, to)))), 'comes twice'],
  ['a map entry without a value', spec(field(7, field(1, 'k'))), 'lacks its key or value'],
  ['a map entry with a third field', spec(field(7, field(1, 'k'), field(2, 'v'), field(3, 'w'))), 'more than key'],
  [
    'a port that is a number and a text',
    spec(field(2, field(10, field(1, field(3, field(1, field(2, 80), field(3, 'http'))))))),
    'both a number and a text',
  ],
  ['a quantity without a value', spec(field(32, field(1, 'cpu'), field(2, ''))), 'without a value'],
  [
    'a time with nanoseconds, which Go drops',
    envelope('v1', 'Pod', field(1, field(8, field(1, 1), field(2, 1000)))),
    'time',
  ],
  [
    'JSON within that says a key twice',
    envelope('v1', 'Pod', field(1, field(17, field(7, field(1, '{"a":1,"a":2}'))))),
    'twice',
  ],
  ['more values than are read', spec(Buffer.alloc(2 * 200_001, field(2, ''))), 'too many fields'],
  ['bytes after the envelope', Buffer.concat([spec(), Uint8Array.of(0)]), 'no valid number'],
  ['an object twice', Buffer.concat([spec(), field(2, '')]), 'envelope'],
  ['a kind twice', Buffer.concat([spec(), field(1, field(1, 'v1'), field(2, 'Pod'))]), 'envelope'],
  ['an encoding', Buffer.concat([spec().subarray(0, -4), field(3, 'gzip')]), 'encoded within'],
  ['a content type within', Buffer.concat([spec().subarray(0, -2), field(4, 'application/json')]), 'encoded within'],
  ['no kind, which the server fills in', envelope('v1', '', named('x')), 'does not name its kind'],
  ['no version, which the server fills in', envelope('', 'Pod', named('x')), 'does not name its kind'],
  ['a kind that is not known', envelope('example.com/v1', 'Lease', named('x')), 'form is not known'],
  ['a list', envelope('v1', 'PodList'), 'form is not known'],
  ['a kind of another group', envelope('apps/v1', 'Deployment', named('x')), 'not of the kind'],
  ['options of a delete where nothing is deleted', envelope('v1', 'DeleteOptions', field(1, 0)), 'not of the kind'],
  ['no magic', spec().subarray(4), 'not what its content type says'],
]

for (const [what, body, why] of hostile) {
  test(`incomplete: ${what}`, () => {
    const { complete, reasons, body: read } = factsOf(pods, body)
    assert.equal(complete, false)
    assert.ok(
      reasons.some((reason) => reason.includes(why)),
      reasons.join(),
    )
    if (!why.includes('not of the kind')) assert.equal(read.complete, false)
  })
}

test('a delete with another kind in its body is incomplete', () => {
  const { reasons } = factsOf('DELETE /api/v1/namespaces/shop/pods/x', spec(field(11, 1)))
  assert.deepEqual(reasons, ['the body is not of the kind that the request is about'])
})

test('a cut body is incomplete wherever it is cut, but for what is empty at its end', () => {
  const whole = spec(field(10, 'node-1'), field(2, field(1, 'a'), field(2, 'image')))
  assert.equal(factsOf(pods, whole).complete, true)
  for (let end = 1; end < whole.length; end++) {
    const { complete, body } = factsOf(pods, whole.subarray(0, end))
    if (complete)
      assert.ok(end >= whole.length - 4 || JSON.stringify(body.object) === '{"apiVersion":"v1","kind":"Pod"}', `${end}`)
  }
})

test('any bytes, alone, in an envelope or in a changed body, never throw', () => {
  const whole = spec(
    field(10, 'node-1'),
    field(7, field(1, 'k'), field(2, 'v')),
    field(2, field(1, 'a'), field(11, '')),
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((raw) => envelope('v1', 'Pod', raw)),
    fc.uint8Array({ maxLength: 200 }).map((raw) => spec(raw)),
    fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => Uint8Array.from(whole).fill(byte, at, at + 1)),
  )
  fc.assert(
    fc.property(bytes, (body) => {
      const facts = factsOf(pods, body)
      if (body.length > 0) assert.equal(facts.body.kind, 'protobuf')
    }),
    { numRuns: 2000 },
  )
})
