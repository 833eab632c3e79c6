import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))
const sallyport = (args: readonly string[], env: { readonly [name: string]: string } = {}) =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } })

test('the plugin gives the token and when it expires, in the version that is asked for', () => {
  const claims = Buffer.from(JSON.stringify({ exp: 1_800_000_000 })).toString('base64url')
  const info = { apiVersion: 'client.authentication.k8s.io/v1beta1', kind: 'ExecCredential', spec: {} }
  const { status, stdout } = sallyport(['kube-credential'], {
    SALLYPORT_TOKEN: `e30.${claims}.x`,
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  })
  assert.equal(status, 0)
  assert.deepEqual(JSON.parse(stdout), {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    kind: 'ExecCredential',
    status: { token: `e30.${claims}.x`, expirationTimestamp: '2027-01-15T08:00:00.000Z' },
  })
})

test('the plugin reads files, and says why there is no token without saying one', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'token-')), 'token')
  writeFileSync(file, 'opaque\n', { mode: 0o600 })
  const found: { apiVersion: string; status: object } = JSON.parse(
    sallyport(['kube-credential', '--token', `file:${file}`]).stdout,
  )
  assert.deepEqual([found.apiVersion, found.status], ['client.authentication.k8s.io/v1', { token: 'opaque' }])
  const missing = sallyport(['kube-credential', '--token', 'env:NOT_SET'])
  assert.equal(missing.status, 1)
  assert.equal(missing.stdout, '')
  assert.equal(sallyport(['kube-credential', '--nonsense']).status, 1)
})

test('the kubeconfig points at the cluster below the gateway and calls the plugin', () => {
  const ca = join(mkdtempSync(join(tmpdir(), 'ca-')), 'ca.pem')
  writeFileSync(ca, 'PEM')
  const { status, stdout } = sallyport([
    'connect',
    'kubernetes',
    '--server',
    'https://gateway.example:6443/',
    '--cluster',
    'prod',
    '--ca',
    ca,
    '--namespace',
    'shop',
  ])
  assert.equal(status, 0)
  const config = parse(stdout)
  assert.deepEqual(config.clusters, [
    {
      name: 'prod',
      cluster: { server: 'https://gateway.example:6443/clusters/prod', 'certificate-authority-data': 'UEVN' },
    },
  ])
  assert.deepEqual(config.users[0].user.exec.args, ['kube-credential'])
  assert.deepEqual(config.contexts[0].context, { cluster: 'prod', user: 'sallyport', namespace: 'shop' })
})

test('refuses what is no server, no cluster or nothing to connect to', () => {
  for (const args of [
    ['kubernetes'],
    ['kubernetes', '--server', 'x', '--cluster', 'a'],
    ['kubernetes', '--server', 'https://a', '--cluster', '../b'],
    ['teapot'],
  ])
    assert.equal(sallyport(['connect', ...args]).status, 1, args.join(' '))
})
