// A stream that is refused over WebSocket and asked for again over SPDY is one request: one judgment, one hold, one record.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import {
  fallbackMs,
  RefusedUpgrades,
  refusedUpgradesMax,
  type UpgradeAsked,
} from '../../../proxy/kubernetes/streams/refused-upgrades.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { results } from '../../support/gate.ts'
import { type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { acceptStream, openStream, type Transport } from '../../support/kube-streams.ts'

const exec = '/api/v1/namespaces/shop/pods/web/exec?stdout=true&stderr=true'

let gateway: KubeGateway
before(async () => {
  gateway = await startKubeGateway()
  gateway.upstream.upgrade = (request, socket) => void acceptStream(request, socket)
})
after(() => gateway.close())
beforeEach(() => {
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.kube?.subresource === 'exec' ? results.deny : results.allow
})

/** The answer to a command over a transport, and how many commands were recorded so far. */
async function asked(transport: Transport, command: string): Promise<{ readonly told: string; readonly all: number }> {
  const protocol = transport === 'spdy' ? 'v4.channel.k8s.io' : 'v5.channel.k8s.io'
  const result = await openStream(gateway.port, `${exec}&command=${command}`, transport, protocol)
  if ('peer' in result) result.peer.socket.destroy()
  const told = 'refused' in result ? (/decision ([^)]+)[)]/.exec(result.refused)?.[1] ?? '') : 'opened'
  const entries = [...gateway.parts.recorder.sessions.values()].flatMap((one) => one.accepted)
  const all = entries.filter((one) => one.kind === 'action' && one.document.action.kube?.subresource === 'exec').length
  return { told, all }
}

test('the fallback is answered with the refusal that it follows, once', async () => {
  const first = await asked('websocket', 'rm')
  assert.notEqual(first.told, '')
  const second = await asked('spdy', 'rm')
  assert.deepEqual(second, first)
  const third = await asked('spdy', 'rm')
  assert.notEqual(third.told, first.told)
  assert.equal(third.all, first.all + 1)
})

test('another command, another transport first, or another person is judged', async () => {
  const first = await asked('websocket', 'one')
  const other = await asked('spdy', 'two')
  assert.equal(other.all, first.all + 1)
  const again = await asked('spdy', 'two')
  assert.equal(again.all, first.all + 2)
  const { identity } = gateway
  gateway.identity = { ...identity, subject: 'agent-2' }
  const person = await asked('spdy', 'one')
  gateway.identity = identity
  assert.equal(person.all, first.all + 3)
  assert.notEqual(person.told, first.told)
})

test('what a policy allows by now is still refused to the fallback, and allowed to the next', async () => {
  const first = await asked('websocket', 'ls')
  gateway.parts.live.answer = () => results.allow
  assert.equal((await asked('spdy', 'ls')).told, first.told)
  assert.equal((await asked('spdy', 'ls')).told, 'opened')
})

const facts = { ...analyzed(), upgrade: 'websocket' }
function analyzed(): UpgradeAsked['facts'] {
  const { kube } = sampleDocument().action
  return {
    ...(kube ?? {
      verb: 'create',
      group: '',
      version: 'v1',
      resource: 'pods',
      subresource: 'exec',
      namespace: 'shop',
      name: 'web',
      path: '/',
      resource_request: true,
      dry_run: false,
      field_manager: '',
      selectors: { label: '', field: '' },
      propagation: '',
      patch_type: '',
      impersonate: { user: '', groups: [] },
      body: { kind: 'none', object: null, complete: true },
      complete: true,
      reasons: [],
    }),
  }
}

function upgrade(name: string, over: 'websocket' | 'spdy/3.1'): UpgradeAsked {
  return { identity: sampleDocument().identity, resource: 'prod', facts: { ...facts, name, upgrade: over } }
}

const refusal = { code: 'denied', decisionId: 'd', rule: 'r', message: 'm', hint: '' } as const

test('a refusal is forgotten with time, and where there are too many', () => {
  let nowMs = 0
  const refused = new RefusedUpgrades(() => nowMs)
  refused.remember(upgrade('a', 'websocket'), refusal)
  nowMs = fallbackMs
  assert.equal(refused.take(upgrade('a', 'spdy/3.1')), refusal)
  refused.remember(upgrade('a', 'websocket'), refusal)
  nowMs += fallbackMs + 1
  assert.equal(refused.take(upgrade('a', 'spdy/3.1')), undefined)
  for (let at = 0; at <= refusedUpgradesMax; at++) refused.remember(upgrade(`b${at}`, 'websocket'), refusal)
  assert.equal(refused.take(upgrade('b0', 'spdy/3.1')), undefined)
  assert.equal(refused.take(upgrade('b1', 'spdy/3.1')), refusal)
})
