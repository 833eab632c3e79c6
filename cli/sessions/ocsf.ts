// What was judged as events of OCSF 1.3: Authorize Session where a session begins, Datastore Activity for databases, API
// Activity for all else, each with what a control of security adds.
import { isIP } from 'node:net'
import type { RecordedIdentity } from '../../proxy/recording/index.ts'
import { hostAndPort, type Judged, type Outcome } from './judgements.ts'

const version = '1.3.0'
const otherActivity = 99
const kubernetesReads = ['get', 'list', 'watch']

/** For each outcome: action, disposition, status and severity. */
const outcomes: Readonly<Record<Outcome, readonly [action: number, disposition: number, status: number, how: number]>> =
  {
    allowed: [1, 1, 1, 1],
    approved: [1, 8, 1, 1],
    held: [1, 14, 99, 2],
    denied: [2, 2, 2, 3],
    rejected: [2, 25, 2, 3],
    lapsed: [2, 25, 2, 2],
    refused: [2, 2, 2, 3],
  }

/** One event. */
export function ocsfEvent(session: string, judged: Judged): object {
  const { identity, recorded, outcome, detail, wallMs, sequence } = judged
  const { action, decision } = recorded
  const { resource } = identity
  const kind = kindOf(judged)
  const [actionId, disposition, status, severity] = outcomes[outcome]
  const rules = decision.rules.join(', ')
  return {
    category_uid: Math.floor(kind.classUid / 1000),
    class_uid: kind.classUid,
    activity_id: kind.activity,
    ...(kind.activity === otherActivity ? { activity_name: action.operation } : {}),
    type_uid: kind.classUid * 100 + kind.activity,
    time: Math.round(wallMs),
    severity_id: severity,
    status_id: status,
    ...(status === otherActivity ? { status: 'Held' } : {}),
    status_detail: detail === '' ? rules : `${rules}: ${detail}`,
    action_id: actionId,
    disposition_id: disposition,
    policy: policyOf(decision),
    metadata: {
      version,
      profiles: ['security_control'],
      // An action that something becomes of later has more than one event.
      uid: `${decision.id}.${sequence}`,
      correlation_uid: decision.id,
      sequence,
      product: { name: 'Sallyport', vendor_name: 'Sallyport' },
    },
    actor: { user: userOf(identity), session: sessionOf(session, identity) },
    src_endpoint: endpointOf(identity),
    dst_endpoint: destinationOf(resource),
    ...kind.more,
    ...(identity.identity.chain.length === 0 ? {} : { unmapped: { delegation_chain: identity.identity.chain } }),
    message: action.text,
  }
}

function policyOf({ rules, bundle }: Judged['recorded']['decision']): object {
  const policy = { name: rules.join(', '), uid: bundle.digest }
  return bundle.revision === '' ? policy : { ...policy, version: bundle.revision }
}

interface Kind {
  readonly classUid: number
  readonly activity: number
  /** What events of this class have besides. */
  readonly more: object
}

function kindOf({ identity, recorded }: Judged): Kind {
  const { action } = recorded
  const { identity: who, resource, session } = identity
  if (action.verb === 'connect') {
    const more = {
      user: userOf(identity),
      session: sessionOf(session.id, identity),
      privileges: who.scopes.length > 0 ? who.scopes : [`${resource.name}:connect`],
      ...(who.groups[0] === undefined ? {} : { group: { name: who.groups[0] } }),
    }
    return { classUid: 3003, activity: 1, more }
  }
  if (resource.protocol === 'postgres') {
    const more = {
      type: 'Database',
      type_id: 1,
      database: { name: resource.target.database ?? resource.name, type: 'Relational', type_id: 1 },
      query_info: { query_string: action.text },
    }
    return { classUid: 6005, activity: datastoreActivity(recorded.action.operation, action.verb), more }
  }
  return {
    classUid: 6003,
    activity: apiActivity(recorded.action),
    more: {
      api: apiOf(recorded, resource),
      resources: resourcesOf(recorded.action, resource),
      ...httpOf(recorded.action),
    },
  }
}

type Action = Judged['recorded']['action']
type Resource = RecordedIdentity['resource']

function datastoreActivity(operation: string, verb: string): number {
  switch (operation) {
    case 'select':
      return 4
    case 'update':
    case 'merge':
      return 2
    case 'delete':
    case 'truncate':
      return 7
    case 'insert':
      return 5
    default:
      if (operation.startsWith('create')) return 6
      if (operation.startsWith('drop')) return 7
      if (operation.startsWith('alter')) return 2
      return verb === 'read' ? 1 : verb === 'write' ? 5 : otherActivity
  }
}

/** Create, read, update, delete. */
function apiActivity({ verb, kube, http }: Action): number {
  const said = (kube?.verb ?? http?.method ?? '').toLowerCase()
  if (kubernetesReads.includes(said) || said === 'head') return 2
  if (said === 'create' || said === 'post') return kube !== undefined && kube.subresource !== '' ? otherActivity : 1
  if (said === 'update' || said === 'patch' || said === 'put') return 3
  if (said === 'delete' || said === 'deletecollection') return 4
  return verb === 'read' ? 2 : verb === 'write' ? 3 : otherActivity
}

function apiOf({ action, decision }: Judged['recorded'], { name }: Resource): object {
  const { operation, kube } = action
  return {
    operation,
    service: { name },
    request: { uid: decision.id },
    ...(kube === undefined || !kube.resource_request ? {} : { group: { name: kube.group }, version: kube.version }),
  }
}

function resourcesOf({ kube }: Action, { name, protocol, labels }: Resource): readonly object[] {
  const whole = { name, type: protocol, labels: Object.entries(labels).map(([key, value]) => `${key}:${value}`) }
  if (kube === undefined || !kube.resource_request) return [whole]
  const { resource, namespace } = kube
  const object = { type: resource, ...(kube.name === '' ? {} : { name: kube.name }) }
  return [whole, namespace === '' ? object : { ...object, namespace }]
}

/** Of a request without what its query says: that is where secrets stand. */
function httpOf({ http }: Action): object {
  if (http === undefined) return {}
  const { method, scheme, authority, path, response } = http
  const { host, port } = hostAndPort(authority)
  const url = { scheme, hostname: host, ...(port === undefined ? {} : { port }), path: `/${path.join('/')}` }
  const request = { http_request: { http_method: method, url } }
  return response === undefined ? request : { ...request, http_response: { code: response.status } }
}

function userOf({ identity }: RecordedIdentity): object {
  return {
    uid: identity.subject,
    name: identity.subject,
    type: identity.kind,
    type_id: identity.kind === 'human' ? 1 : otherActivity,
    groups: identity.groups.map((name) => ({ name })),
  }
}

function sessionOf(uid: string, { identity, session }: RecordedIdentity): object {
  const created = Date.parse(session.started_at)
  return {
    uid,
    issuer: identity.issuer,
    is_remote: true,
    ...(Number.isNaN(created) ? {} : { created_time: created }),
  }
}

function endpointOf({ session }: RecordedIdentity): object {
  const { address, application } = session.client
  const place = isIP(address) === 0 ? { name: address } : { ip: address }
  return application === '' ? place : { ...place, svc_name: application }
}

function destinationOf({ name, target }: Resource): object {
  return {
    name,
    ...(target.host === undefined ? {} : { hostname: target.host }),
    ...(target.port === undefined ? {} : { port: target.port }),
  }
}
