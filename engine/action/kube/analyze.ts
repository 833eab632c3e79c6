// One Kubernetes API request to the facts that policies see, and to the request that goes on if they allow it.

import { unreachable } from '../../../rego/unreachable.ts'
import type { Verb } from '../document.ts'
import { analyzeArgv } from '../shell/index.ts'
import { type Body, kindObjection, parseBody, patchType } from './body.ts'
import { type ArgvAnalyzer, attachOfQuery, execOfEphemeral, execOfQuery } from './exec.ts'
import type { KubeFacts, KubeJson } from './facts.ts'
import { type Headers, headerObjection, headerOf, impersonationAsked } from './headers.ts'
import { at, list, text, texts, whole } from './json-access.ts'
import { patchWrites } from './json-patch.ts'
import { podFacts } from './pod.ts'
import { proxyFacts } from './proxy.ts'
import { methods, parameter, type RequestInfo, requestInfo, truthy } from './request-info.ts'
import { holdsSecrets, withoutSecrets } from './secrets.ts'
import { parseTarget, printPath, printQuery, type Target, TargetError } from './target.ts'
import { coarseVerb } from './verb.ts'

/** A request as it came. */
export interface KubeRequest {
  readonly method: string
  /** The request target as it stood in the request line, below the cluster's own prefix. */
  readonly target: string
  readonly headers: Headers
  readonly body: Uint8Array
}

/** A request that is not judged, because it has no single reading. */
export interface KubeRefusal {
  readonly kind: 'refusal'
  readonly code: 'method' | 'path' | 'query' | 'header' | 'impersonation'
  readonly message: string
}

/** A request that can be judged. */
export interface KubeAnalysis {
  readonly kind: 'analysis'
  readonly facts: KubeFacts
  readonly verb: Verb
  readonly operation: string
  readonly text: string
  /** What must be sent instead of the client's own words. */
  readonly forward: { readonly method: string; readonly target: string; readonly body: Uint8Array }
}

/** Parameters that may come more than once; of every other, a second one would be read by some and not by others. */
const repeated: ReadonlySet<string> = new Set(['command', 'ports', 'dryRun'])

/** Analyzes one request. Pure; `shell` reads the words of exec commands. */
export function analyzeKube(
  request: KubeRequest,
  shell: ArgvAnalyzer = (argv) => analyzeArgv(argv),
): KubeAnalysis | KubeRefusal {
  if (!methods.includes(request.method)) return refusal('method', 'the method is not one of the Kubernetes API')
  const objection = headerObjection(request.headers)
  if (objection !== undefined) return refusal(objection.code, objection.message)
  try {
    const target = parseTarget(request.target)
    checkParameters(target.query)
    const info = requestInfo(request.method, target)
    if (info.resource_request && target.trailingSlash && info.subresource !== 'proxy' && info.verb !== 'proxy')
      return refusal('path', 'the path of a resource ends in a slash')
    return analysis(request, target, info, shell)
  } catch (error) {
    if (error instanceof TargetError) return refusal(error.code, error.message)
    throw error
  }
}

function refusal(code: KubeRefusal['code'], message: string): KubeRefusal {
  return { kind: 'refusal', code, message }
}

function checkParameters(query: Target['query']): void {
  const seen = new Set<string>()
  for (const [name] of query) {
    if (name === '_method') throw new TargetError('query', 'a parameter would override the method')
    if (seen.has(name) && !repeated.has(name))
      throw new TargetError('query', `the parameter \`${name.slice(0, 40)}\` comes twice`)
    seen.add(name)
  }
}

function analysis(request: KubeRequest, target: Target, info: RequestInfo, shell: ArgvAnalyzer): KubeAnalysis {
  const contentType = headerOf(request.headers, 'content-type')
  const body = parseBody(contentType, request.body)
  const patch = info.verb === 'patch' ? patchType(contentType) : ''
  const path = printPath(target)
  const query = printQuery(target.query)
  const facts = factsOf({ request, target, info, body, patch, path, shell })
  const operation = info.resource_request
    ? `${info.verb} ${info.resource}${info.subresource === '' ? '' : `/${info.subresource}`}`
    : request.method
  const line = `${path}${query === '' ? '' : `?${query}`}`
  return {
    kind: 'analysis',
    facts,
    verb: coarseVerb(facts),
    operation,
    text: `${request.method} ${line}`,
    forward: { method: request.method, target: line, body: body.forward },
  }
}

interface Parts {
  readonly request: KubeRequest
  readonly target: Target
  readonly info: RequestInfo
  readonly body: Body
  readonly patch: string
  readonly path: string
  readonly shell: ArgvAnalyzer
}

function factsOf(parts: Parts): KubeFacts {
  const { request, target, info, body, patch, path } = parts
  const { query } = target
  const upgrade = headerOf(request.headers, 'upgrade').trim().toLowerCase()
  const writes = patch === 'json' ? patchWrites(body.facts.object) : { object: body.facts.object, reasons: [] }
  const special = specialFacts(parts, upgrade, writes.object)
  const reasons = new Set([...body.reasons, ...writes.reasons, ...special.reasons])
  const ofOtherKind = kindObjection(info, body.facts)
  if (ofOtherKind !== undefined) reasons.add(ofOtherKind)
  if (info.verb === 'patch' && patch === '') reasons.add('the patch has an unknown type')
  if (request.body.length > 0 && (request.method === 'GET' || request.method === 'HEAD'))
    reasons.add('a request that reads comes with a body')
  const pod =
    info.resource_request && info.resource !== 'customresourcedefinitions' ? podFacts(writes.object) : undefined
  const { rest: _rest, ...named } = info
  return {
    ...named,
    path,
    dry_run: isDryRun(parts),
    field_manager: parameter(query, 'fieldManager'),
    selectors: { label: parameter(query, 'labelSelector'), field: parameter(query, 'fieldSelector') },
    propagation: propagation(parts),
    patch_type: patch,
    impersonate: impersonationAsked(request.headers),
    body: {
      ...body.facts,
      ...(holdsSecrets(info) ? { object: withoutSecrets(body.facts.object, patch === 'json') } : {}),
      complete: body.facts.complete && writes.reasons.length === 0,
    },
    ...special.facts,
    ...(pod === undefined ? {} : { pod }),
    upgrade,
    complete: reasons.size === 0,
    reasons: [...reasons].sort(),
  }
}

type Special = Pick<KubeFacts, 'exec' | 'ports' | 'proxy' | 'scale' | 'token' | 'approval' | 'grace_seconds'>

/** What single kinds of request have beside the rest, and why it is not known in full. */
function specialFacts(
  { request, target, info, body, shell }: Parts,
  upgrade: string,
  writes: KubeJson,
): { readonly facts: Special; readonly reasons: readonly string[] } {
  const { query } = target
  const { object } = body.facts
  const key = special(info)
  const stream = key === 'exec' || key === 'attach' || key === 'portforward'
  const reasons = upgrade !== '' && !stream ? ['the request asks for a connection of unknown meaning'] : []
  switch (key) {
    case 'none':
      return { facts: {}, reasons }
    case 'exec': {
      const exec = execOfQuery(query, shell)
      return { facts: { exec }, reasons: exec.shell.reasons }
    }
    case 'attach': {
      const exec = attachOfQuery(query)
      return { facts: { exec }, reasons: exec.shell.reasons }
    }
    case 'portforward':
      return portsOf(query)
    case 'ephemeral': {
      const exec = execOfEphemeral(writes, shell)
      if (exec === undefined)
        return { facts: {}, reasons: [...reasons, 'it cannot be told which ephemeral container is new'] }
      return { facts: { exec }, reasons: [...reasons, ...exec.shell.reasons] }
    }
    case 'proxy': {
      const proxy = proxyFacts(info, target, request.method, upgrade)
      return {
        facts: { proxy },
        reasons: proxy.reads ? reasons : [...reasons, 'what the other server does with the request is not known'],
      }
    }
    case 'scale':
      return { facts: { scale: { replicas: whole(at(object, 'spec', 'replicas')) } }, reasons }
    case 'token':
      return {
        facts: {
          token: {
            audiences: texts(at(object, 'spec', 'audiences')),
            seconds: whole(at(object, 'spec', 'expirationSeconds')),
          },
        },
        reasons,
      }
    case 'approval': {
      const conditions = list(at(object, 'status', 'conditions')).map((one) => text(at(one, 'type')))
      return { facts: { approval: { conditions: conditions.sort() } }, reasons }
    }
    case 'eviction':
      return { facts: { grace_seconds: whole(at(object, 'deleteOptions', 'gracePeriodSeconds')) }, reasons }
    case 'delete': {
      const grace =
        request.body.length > 0
          ? whole(at(object, 'gracePeriodSeconds'))
          : digits(parameter(query, 'gracePeriodSeconds'))
      return { facts: { grace_seconds: grace }, reasons }
    }
    default:
      return unreachable(key)
  }
}

type SpecialKind =
  | 'none'
  | 'exec'
  | 'attach'
  | 'portforward'
  | 'ephemeral'
  | 'proxy'
  | 'scale'
  | 'token'
  | 'approval'
  | 'eviction'
  | 'delete'

function special({ resource_request, verb, group, resource, subresource }: RequestInfo): SpecialKind {
  if (!resource_request) return 'none'
  if (verb === 'proxy' || subresource === 'proxy') return 'proxy'
  if (group === '' && resource === 'pods') {
    if (subresource === 'exec' || subresource === 'attach' || subresource === 'portforward') return subresource
    if (subresource === 'ephemeralcontainers' && verb !== 'get') return 'ephemeral'
    if (subresource === 'eviction') return 'eviction'
  }
  if (subresource === 'scale' && verb !== 'get') return 'scale'
  if (group === '' && resource === 'serviceaccounts' && subresource === 'token') return 'token'
  if (resource === 'certificatesigningrequests' && subresource === 'approval' && verb !== 'get') return 'approval'
  return verb === 'delete' || verb === 'deletecollection' ? 'delete' : 'none'
}

function portsOf(query: Target['query']): { readonly facts: Special; readonly reasons: readonly string[] } {
  const ports: number[] = []
  for (const [name, value] of query) {
    if (name !== 'ports') continue
    for (const one of value.split(',')) {
      const port = digits(one)
      if (port === null || port < 1 || port > 65_535) return { facts: { ports }, reasons: ['a port is no number'] }
      ports.push(port)
    }
  }
  return { facts: { ports }, reasons: [] }
}

function digits(value: string): number | null {
  return value !== '' && value.length < 10 && [...value].every((mark) => mark >= '0' && mark <= '9')
    ? Number(value)
    : null
}

/** A delete with a body takes its options from there alone, whatever the query says. */
function optionsInBody({ request, info }: Parts): boolean {
  return (info.verb === 'delete' || info.verb === 'deletecollection') && request.body.length > 0
}

function isDryRun(parts: Parts): boolean {
  const { target, info, body } = parts
  if (!info.resource_request || !changing.has(info.verb) || neverDry.has(info.subresource)) return false
  const asked = optionsInBody(parts)
    ? texts(at(body.facts.object, 'dryRun'))
    : target.query.flatMap(([name, value]) => (name === 'dryRun' ? [value] : []))
  return asked.length > 0 && asked.every((one) => one === 'All')
}

const changing: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])
/** Subresources that know no dry run: their requests go to another server, or a token is made all the same. */
const neverDry: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy', 'token'])

function propagation(parts: Parts): string {
  const { target, body } = parts
  const inBody = optionsInBody(parts)
  const named = inBody ? text(at(body.facts.object, 'propagationPolicy')) : parameter(target.query, 'propagationPolicy')
  const orphan = inBody ? at(body.facts.object, 'orphanDependents') === true : truthy(target.query, 'orphanDependents')
  return named === '' && orphan ? 'Orphan' : named
}
