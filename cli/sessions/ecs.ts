// What was judged as documents of the Elastic Common Schema.
import { isIP } from 'node:net'
import type { RecordedIdentity } from '../../proxy/recording/index.ts'
import { hostAndPort, type Judged, type Outcome } from './judgements.ts'

const version = '8.11.0'
const categories = { postgres: 'database', ssh: 'process', kubernetes: 'api', http: 'api' } as const

const verbTypes: ReadonlyMap<string, readonly string[]> = new Map([
  ['connect', ['start']],
  ['read', ['access']],
  ['transfer', ['access']],
  ['write', ['change']],
  ['define', ['change']],
  ['grant', ['change']],
  ['admin', ['change']],
])

/** For each outcome: type, outcome of the event. */
const outcomes: Readonly<Record<Outcome, readonly [string, string]>> = {
  allowed: ['allowed', 'success'],
  approved: ['allowed', 'success'],
  held: ['info', 'unknown'],
  denied: ['denied', 'failure'],
  rejected: ['denied', 'failure'],
  lapsed: ['denied', 'failure'],
  refused: ['denied', 'failure'],
}

/** One document. */
export function ecsEvent(session: string, judged: Judged): object {
  const { identity, recorded, outcome, detail, wallMs, sequence } = judged
  const { action, decision } = recorded
  const { identity: who, resource } = identity
  const { revision, digest } = decision.bundle
  const [type, result] = outcomes[outcome]
  return {
    '@timestamp': new Date(wallMs).toISOString(),
    ecs: { version },
    event: {
      id: decision.id,
      kind: 'event',
      module: 'sallyport',
      category: [action.verb === 'connect' ? 'session' : categories[resource.protocol]],
      type: [...(verbTypes.get(action.verb) ?? []), type],
      action: action.operation,
      outcome: result,
      ...(detail === '' ? {} : { reason: detail }),
      sequence,
    },
    user: { id: who.subject, group: { name: who.groups }, roles: who.scopes },
    source: sourceOf(identity),
    service: { name: resource.name, type: resource.protocol },
    ...factsOf(judged),
    rule: { name: decision.rules.join(', '), version: revision === '' ? digest : revision },
    related: { user: [who.subject, ...who.chain.map(({ subject }) => subject)] },
    labels: { session, ...resource.labels },
    message: action.text,
  }
}

function sourceOf({ session }: RecordedIdentity): object {
  const { address } = session.client
  return isIP(address) === 0 ? { address } : { address, ip: address }
}

/** What the schema has fields for in each protocol. */
function factsOf({ recorded, identity }: Judged): object {
  const { shell, kube, http, text } = recorded.action
  if (shell !== undefined) return { process: { command_line: text } }
  if (http !== undefined) {
    const { method, scheme, authority, path, response } = http
    const { host, port } = hostAndPort(authority)
    return {
      url: { scheme, domain: host, ...(port === undefined ? {} : { port }), path: `/${path.join('/')}` },
      http: { request: { method }, ...(response === undefined ? {} : { response: { status_code: response.status } }) },
    }
  }
  if (kube === undefined) return {}
  const cluster = { type: 'kubernetes', cluster: { name: identity.resource.target.cluster ?? identity.resource.name } }
  if (!kube.resource_request) return { orchestrator: cluster }
  return {
    orchestrator: {
      ...cluster,
      api_version: kube.version,
      ...(kube.namespace === '' ? {} : { namespace: kube.namespace }),
      resource: { type: kube.resource, ...(kube.name === '' ? {} : { name: kube.name }) },
    },
  }
}
