// What the demo reads of a kubeconfig: the context, where the cluster is, and an account to log in with; or why not.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse } from 'yaml'
import { clusterResource, KubeconfigError, readKubeconfig } from '../../../cli/demo/cluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'ca.pem'), 'CA')
writeFileSync(join(folder, 'token'), 'file-token\n')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

function written(user: object, cluster: object = {}, more: object = {}): string {
  const path = join(folder, 'config')
  const document = {
    'current-context': 'here',
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
      { name: 'lost', context: { cluster: 'nowhere', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    ...more,
  }
  writeFileSync(path, JSON.stringify(document))
  return path
}

test('a token, a file with one, and a client certificate', () => {
  assert.deepEqual(readKubeconfig(written({ token: 't' }, { 'certificate-authority': 'ca.pem' })), {
    server: 'https://192.0.2.1:6443',
    namespace: 'shop',
    ca: 'CA',
    serverName: undefined,
    verify: true,
    login: { kind: 'token', token: 't' },
  })
  assert.deepEqual(readKubeconfig(written({ tokenFile: 'token' })).login, { kind: 'token', token: 'file-token' })
  const pair = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') }
  const read = readKubeconfig(written(pair, { 'insecure-skip-tls-verify': true, 'tls-server-name': 'api' }), 'here')
  assert.deepEqual(read.login, { kind: 'certificate', certificate: 'CERT', key: 'KEY' })
  assert.deepEqual([read.verify, read.serverName], [false, 'api'])
})

test('what cannot be used is told, and no exec plugin is run', () => {
  const refuses = (path: string, why: RegExp, context?: string): void =>
    assert.throws(
      () => readKubeconfig(path, context),
      (error) => error instanceof KubeconfigError && why.test(error.message),
    )
  refuses(join(folder, 'none'), /no file/)
  refuses(written({ exec: { command: 'touch', args: [join(folder, 'run')] } }), /neither a token nor/)
  refuses(written({ token: 't' }), /no context `other`/, 'other')
  refuses(written({ token: 't' }), /no cluster `nowhere`/, 'lost')
  refuses(written({ token: 't' }, { server: 'nothing' }), /no server/)
  refuses(written({ token: 't' }, { 'certificate-authority': 'gone.pem' }), /cannot be read/)
  refuses(written({ token: 't' }, {}, { 'current-context': '' }), /no current context/)
  writeFileSync(join(folder, 'broken'), 'a: [')
  refuses(join(folder, 'broken'), /no YAML/)
  assert.throws(() => statSync(join(folder, 'run')))
})

test('the configuration names the cluster and holds no secret', () => {
  mkdirSync(join(folder, 'keys'))
  const cluster = readKubeconfig(written({ token: 'canary' }, { 'certificate-authority': 'ca.pem' }))
  const text = clusterResource(cluster, folder)
  assert.doesNotMatch(text, /canary/)
  const read: unknown = parse(`resources:\n${text}`)
  assert.deepEqual(read, {
    resources: [
      {
        name: 'cluster',
        protocol: 'kubernetes',
        labels: { env: 'demo' },
        upstream: {
          cluster: 'demo',
          server: 'https://192.0.2.1:6443',
          credential: 'file:keys/cluster-token',
          impersonate: { on: false },
          tls: { mode: 'verify-full', ca: 'keys/cluster-ca.pem' },
        },
      },
    ],
  })
  assert.equal(readFileSync(join(folder, 'keys', 'cluster-token'), 'utf8'), 'canary')
  assert.equal(statSync(join(folder, 'keys', 'cluster-token')).mode & 0o777, 0o600)
})
