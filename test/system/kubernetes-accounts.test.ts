// Service accounts that identities act as, before a real API server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountTokens, KubernetesUpstream } from '../../proxy/kubernetes/index.ts'
import { results } from '../support/gate.ts'
import { testKey } from '../support/keys.ts'
import { clusterMissing, type KubeCluster, startKubeCluster } from '../support/kube-cluster.ts'
import { ask, startKubeGateway } from '../support/kube-gateway.ts'

const accounts = [{ group: 'dev', namespace: 'agents', name: 'developer' }]
const skip = clusterMissing() ?? false
test('a real API server gives out tokens, and knows who comes with them', { skip }, async () => {
  const cluster: KubeCluster = await startKubeCluster()
  try {
    const upstream = new KubernetesUpstream({
      server: cluster.url,
      tls: { verify: true, ca: testKey('ca.pem') },
      token: async () => cluster.gatewayToken,
      connectMs: 60_000,
    })
    for (const [path, kind, name] of [
      ['/api/v1/namespaces', 'Namespace', 'agents'],
      ['/api/v1/namespaces/agents/serviceaccounts', 'ServiceAccount', 'developer'],
    ] as const)
      await cluster.call('POST', path, { apiVersion: 'v1', kind, metadata: { name } })
    const tokens = new AccountTokens({
      accounts,
      seconds: 600,
      nowMs: Date.now,
      send: (request) => upstream.send(request),
    })
    const real = await startKubeGateway({ target: { upstream, tokens } })
    real.parts.live.answer = () => results.allow
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const answer = await ask(real, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(review),
    })
    await real.close()
    assert.match(answer.body, /"username":"system:serviceaccount:agents:developer"/)
  } finally {
    await cluster.stop()
  }
})
