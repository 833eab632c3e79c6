// A real kubectl against a real API server, through `sallyport serve` and direct: what is read and written, watched and
// masked, and how refusals look. Streams are in kubectl-streams.test.ts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { clusterMissing } from '../support/kube-cluster.ts'
import { Kubectl, sallyport, settled } from '../support/kubectl.ts'

const skip = clusterMissing() ?? false

let sides: Kubectl
before(async () => {
  if (skip === false) sides = await Kubectl.start()
})
after(async () => {
  if (skip === false) await sides.stop()
})

const deployment = (image: string): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: SPACE }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: app, image: "${image}" }] }
`

test('reads: discovery, tables, YAML, describe, explain, raw', { skip }, async () => {
  for (const args of [
    ['version'],
    ['api-resources'],
    ['api-versions'],
    ['cluster-info'],
    ['get', 'nodes', '-o', 'wide'],
    ['get', 'namespaces', '-o', 'name'],
    ['get', 'pods', '-n', 'SPACE'],
    ['get', 'pods', '-n', 'SPACE', '-o', 'wide', '--show-labels'],
    ['get', 'pod', 'web', '-n', 'SPACE', '-o', 'yaml'],
    ['get', 'pod', 'web', '-n', 'SPACE', '-o', 'json'],
    ['get', 'pod', 'web', '-n', 'SPACE', '-o', 'jsonpath={.spec.nodeName}'],
    ['get', 'pods', '-n', 'SPACE', '-l', 'app=web,app!=db', '--field-selector', 'metadata.name=web'],
    ['get', 'pod', 'nothing', '-n', 'SPACE'],
    ['get', 'nonsense', '-n', 'SPACE'],
    ['describe', 'pod', 'web', '-n', 'SPACE'],
    ['describe', 'node', 'node-1'],
    ['explain', 'pod.spec.containers'],
    ['get', '--raw', '/version'],
    ['get', '--raw', '/healthz'],
    ['auth', 'can-i', 'delete', 'pods', '-n', 'SPACE'],
    ['auth', 'can-i', '--list', '-n', 'SPACE'],
    ['top', 'nodes'],
    ['events', '-n', 'SPACE'],
  ])
    await sides.same(args)
})

test('writes: apply, server-side apply, patch, scale, rollout, label, dry run, delete', { skip }, async () => {
  await sides.same(['apply', '-f', '-'], { input: deployment('example.org/app:1') })
  await sides.same(['apply', '-f', '-'], { input: deployment('example.org/app:2') })
  await sides.same(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: deployment('example.org/app:3'),
  })
  await sides.same(['apply', '--dry-run=server', '-f', '-'], { input: deployment('example.org/app:4') })
  await sides.same(['diff', '-f', '-'], { input: deployment('example.org/app:3') })
  for (const args of [
    ['get', 'deployment', 'shop', '-n', 'SPACE', '-o', 'yaml', '--show-managed-fields'],
    ['scale', 'deployment', 'shop', '--replicas=3', '-n', 'SPACE'],
    ['patch', 'deployment', 'shop', '-n', 'SPACE', '-p', '{"spec":{"paused":true}}'],
    [
      'patch',
      'deployment',
      'shop',
      '-n',
      'SPACE',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/replicas","value":1}]',
    ],
    ['patch', 'deployment', 'shop', '-n', 'SPACE', '--type=merge', '-p', '{"spec":{"paused":null}}'],
    ['set', 'image', 'deployment/shop', 'app=example.org/app:5', '-n', 'SPACE'],
    ['rollout', 'history', 'deployment/shop', '-n', 'SPACE'],
    ['rollout', 'restart', 'deployment/shop', '-n', 'SPACE'],
    ['label', 'deployment', 'shop', 'team=a', '-n', 'SPACE'],
    ['annotate', 'deployment', 'shop', 'note=b', '-n', 'SPACE'],
    ['create', 'configmap', 'settings', '--from-literal=a=b', '-n', 'SPACE'],
    ['create', 'configmap', 'settings', '--from-literal=a=b', '-n', 'SPACE'],
    ['expose', 'pod', 'web', '--port=80', '-n', 'SPACE'],
    ['delete', 'configmap', 'settings', '-n', 'SPACE'],
    ['delete', 'deployment', 'shop', '-n', 'SPACE', '--cascade=orphan', '--wait=false'],
    ['delete', 'service', '-l', 'app=web', '-n', 'SPACE'],
  ])
    await sides.same(args)
})

test('a watch prints what happens while it happens', { skip }, async () => {
  for (const space of ['one', 'two'])
    await sides.cluster.call('POST', `/api/v1/namespaces/${space}/configmaps`, { metadata: { name: 'early' } })
  const results = await Promise.all(
    (
      [
        ['direct', 'one'],
        ['through', 'two'],
      ] as const
    ).map(async ([side, space]) => {
      let made = false
      return sides.run(side, ['get', 'configmaps', '-n', space, '--watch', '-o', 'name'], {
        enough: (out) => {
          if (!made && out.includes('configmap/')) {
            made = true
            void sides.cluster.call('POST', `/api/v1/namespaces/${space}/configmaps`, { metadata: { name: 'late' } })
          }
          return out.includes('late\n')
        },
      })
    }),
  )
  assert.equal(settled(results[1]?.out ?? ''), settled(results[0]?.out ?? ''))
  assert.match(results[1]?.out ?? '', /configmap\/late/)
})

test('a filtered watch prints what a watch with a selector does', { skip }, async () => {
  const { cluster } = sides
  const path = '/api/v1/namespaces/teams/configmaps'
  const of = (name: string, team: string): object => ({ metadata: { name, labels: { team } } })
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'teams' } })
  for (const [name, team] of [
    ['early', 'a'],
    ['other', 'b'],
  ] as const)
    await cluster.call('POST', path, of(name, team))
  for (const form of [[], ['-o', 'wide']]) {
    await cluster.call('PUT', `${path}/early`, of('early', 'a'))
    await cluster.call('PUT', `${path}/other`, of('other', 'b'))
    let begun = 0
    const move = async (): Promise<void> => {
      await cluster.call('PUT', `${path}/other`, { ...of('other', 'b'), data: { a: 'b' } })
      await cluster.call('PUT', `${path}/early`, of('early', 'b'))
      await cluster.call('PUT', `${path}/other`, of('other', 'a'))
    }
    const watch = (side: 'direct' | 'through', selector: readonly string[]) => {
      let hasBegun = false
      const enough = (out: string): boolean => {
        if (!hasBegun && out.includes('early')) {
          hasBegun = true
          begun++
          if (begun === 2) void move()
        }
        return out.includes('other')
      }
      const args = ['get', 'configmaps', '-n', 'teams', '--watch', '--output-watch-events', ...form, ...selector]
      return sides.run(side, args, { enough })
    }
    const all = await Promise.all([watch('direct', ['-l', 'team=a']), watch('through', [])])
    const [direct = [], through = []] = all.map(({ out }) =>
      out.split('\n').map((line) => line.split(/ +/).slice(0, 2).join(' ')),
    )
    assert.deepEqual(through, direct)
    assert.deepEqual(through.filter((line) => line !== '').slice(1), ['ADDED early', 'DELETED early', 'ADDED other'])
  }
})

test('logs, followed and not, and what is found in them masked', { skip }, async () => {
  await sides.same(['logs', 'web', '-n', 'SPACE'])
  await sides.same(['logs', '-f', 'web', '-n', 'SPACE', '--tail=5'])
  sides.cluster.kubelet.logs = 'paid with 4111111111111111\nbye\n'
  const { out } = await sides.run('through', ['logs', '-f', 'web', '-n', 'two'])
  assert.equal(out, 'paid with ************1111\nbye\n')
  sides.cluster.kubelet.logs = 'line 1\nline 2\n'
})

test('values of secrets are masked in every form, and the rest is as it is direct', { skip }, async () => {
  for (const space of ['one', 'two'])
    await sides.cluster.call('POST', `/api/v1/namespaces/${space}/secrets`, {
      metadata: { name: 'db' },
      stringData: { password: 'hunter2' },
    })
  const hidden = Buffer.from('hunter2').toString('base64')
  const redacted = Buffer.from('[redacted]').toString('base64')
  for (const args of [
    ['get', 'secret', 'db', '-o', 'yaml'],
    ['get', 'secrets', '-o', 'json'],
    ['get', 'secret', 'db', '-o', 'jsonpath={.data.password}'],
    ['get', '--raw', '/api/v1/namespaces/SPACE/secrets'],
  ]) {
    const at = (space: string): string[] => [...args.map((arg) => arg.replace('SPACE', space)), '-n', space]
    const [direct, through] = [await sides.run('direct', at('one')), await sides.run('through', at('two'))]
    assert.ok(direct.out.includes(hidden))
    assert.ok(!through.out.includes(hidden))
    assert.equal(settled(through.out), settled(direct.out.replaceAll(hidden, redacted)), args.join(' '))
  }
  await sides.same(['get', 'secrets', '-n', 'SPACE'])
  const { out } = await sides.run('through', ['describe', 'secret', 'db', '-n', 'two'])
  assert.match(out, /password: +10 bytes/)
})

test('refusals are printed as the server would print them, and the next command works', { skip }, async () => {
  const refused = await sides.run('through', ['delete', 'secret', 'db', '-n', 'two'])
  assert.equal(refused.code, 1)
  assert.match(
    refused.err,
    /^Error from server \(Forbidden\): refused by policy: secrets stay .*\(rule test\.no_secrets_delete, decision [0-9a-f-]+\)\n$/,
  )
  const privileged = await sides.run('through', ['run', 'p', '-n', 'two', '--image=x', '--privileged'])
  assert.match(privileged.err, /privileged pods are refused/)
  const as = await sides.run('through', ['get', 'pods', '-n', 'two', '--as=system:admin'])
  assert.match(as.err, /impersonation is refused/)
  await sides.same(['get', 'pods', '-n', 'SPACE'])
})

test('a kubeconfig of `sallyport connect` is all that kubectl needs', { skip }, async () => {
  const command = join(sides.home, 'sallyport')
  writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${sallyport} "$@"\n`, { mode: 0o755 })
  const config: { clusters: [{ cluster: { server: string } }] } = JSON.parse(
    readFileSync(join(sides.home, 'through.json'), 'utf8'),
  )
  const server = config.clusters[0].cluster.server.replace('/clusters/prod', '')
  const made = spawnSync(
    command,
    [
      'connect',
      'kubernetes',
      '--server',
      server,
      '--cluster',
      'prod',
      '--ca',
      join(sides.home, 'ca.pem'),
      '--namespace',
      'two',
    ],
    { encoding: 'utf8' },
  )
  assert.equal(made.status, 0)
  writeFileSync(join(sides.home, 'connected.json'), made.stdout)
  const token = await sides.token([])
  const env = { SALLYPORT_TOKEN: token, PATH: `${sides.home}:${process.env['PATH']}` }
  const { code, out, err } = await sides.run('connected', ['get', 'pods', '-o', 'name'], { env })
  assert.deepEqual([code, out, err], [0, 'pod/web\n', ''])
})
