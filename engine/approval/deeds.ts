// What an action does, cut into deeds that a standing grant can name: relations and how they are touched, commands, objects
// of a cluster, calls of an API. What cannot be cut so, cannot be granted ahead.
import { createHash } from 'node:crypto'
import { type ActionDocument, canonicalJson, type SqlStatement } from '../action/index.ts'
import { visibleLine } from './view.ts'

/** One thing that an action does; two are the same when every field is. */
export interface Deed {
  /** What it is about: `postgres`, `ssh`, `kubernetes`, `http`, `connect`. */
  readonly on: string
  /** What is done. */
  readonly verb: string
  /** What it is done to, part by part. */
  readonly to: readonly string[]
  /** What narrows it further, digested; empty where nothing does. */
  readonly detail: string
}

const deedsMax = 64

/** The deeds of an action, each once; undefined where they are not all known. */
export function deedsOf(document: ActionDocument): readonly Deed[] | undefined {
  const { action } = document
  if (!action.complete) return undefined
  const deeds = rawDeedsOf(document)
  if (deeds === undefined || deeds.length === 0) return undefined
  const each = new Map(deeds.map((deed) => [canonicalJson(deed), deed]))
  return each.size > deedsMax ? undefined : [...each.values()]
}

/** True when every deed of the action is among those. */
export function areAmong(deeds: readonly Deed[], granted: readonly Deed[]): boolean {
  const known = new Set(granted.map((deed) => canonicalJson(deed)))
  return deeds.every((deed) => known.has(canonicalJson(deed)))
}

/** A deed in words, nothing hidden. */
export function deedWords({ on, verb, to, detail }: Deed): string {
  const parts = to.map((part) => visibleLine(JSON.stringify(part) ?? ''))
  const narrowed = detail === '' ? [] : [`(as held, ${detail.slice(0, 12)})`]
  return [`${visibleLine(on)}: ${visibleLine(verb)}`, ...parts, ...narrowed].join(' ')
}

function rawDeedsOf({ action, resource, session }: ActionDocument): readonly Deed[] | undefined {
  if (action.stage === 'connect') return [deed('connect', 'connect', [resource.name])]
  if (action.sql !== undefined) return all(action.sql.statements.map((one) => sqlDeeds(one, session.state['role'])))
  if (action.shell !== undefined) return shellDeeds(action.shell)
  if (action.kube !== undefined) {
    const { kube } = action
    if (!kube.complete) return undefined
    const { group, resource: kind, subresource, namespace, name, path } = kube
    const { exec, ports, pod, proxy, scale, token, approval, impersonate, selectors, dry_run, patch_type } = kube
    const narrow = { exec, ports, pod, proxy, scale, token, approval, impersonate, selectors, dry_run, patch_type }
    return [deed('kubernetes', kube.verb, [group, kind, subresource, namespace, name, path], digestOf(narrow))]
  }
  if (action.http !== undefined) {
    const { http } = action
    if (!http.complete) return undefined
    const calls = http.rpc.map(({ method, tool, definition }) => ({ method, tool, definition }))
    const narrow = { query: http.query, upgrade: http.upgrade, graphql: http.graphql, calls }
    return [deed('http', http.method, [http.scheme, http.authority, `/${http.path.join('/')}`], digestOf(narrow))]
  }
  return undefined
}

function sqlDeeds(statement: SqlStatement, role: unknown): readonly Deed[] | undefined {
  const { kind, relations, functions, objects, settings, options, where, dynamic, complete } = statement
  if (!complete || dynamic) return undefined
  // What reaches outside, or does what nobody knows, is asked about each time.
  if (functions.some(({ effects }) => effects === 'external' || effects === 'unknown')) return undefined
  if (relations.some(({ resolved, access }) => !resolved && access !== 'define')) return undefined
  return [
    deed('postgres', kind, [], digestOf({ options, settings, unbounded: where === false, role })),
    ...relations.map(({ access, schema, name }) => deed('postgres', access, [schema, name])),
    ...objects.map(({ action, kind: what, schema, name }) => deed('postgres', action, [what, schema, name])),
    ...functions
      .filter(({ effects }) => effects === 'write')
      .map(({ schema, name }) => deed('postgres', 'call', [schema, name])),
  ]
}

function shellDeeds(shell: NonNullable<ActionDocument['action']['shell']>): readonly Deed[] | undefined {
  if (!shell.complete) return undefined
  const { operation, file, forward, redirects } = shell
  const commands = shell.commands.map(({ argv, via, assignments }) => {
    const words = argv.filter((word) => word !== null)
    if (words.length !== argv.length || words.length === 0) return undefined
    return [deed('ssh', 'run', words, digestOf({ via, assignments }))]
  })
  return all([[deed('ssh', operation, [], digestOf({ file, forward, redirects }))], ...commands])
}

function all(parts: readonly (readonly Deed[] | undefined)[]): readonly Deed[] | undefined {
  const known = parts.filter((part) => part !== undefined)
  return known.length === parts.length ? known.flat() : undefined
}

function deed(on: string, verb: string, to: readonly string[], detail = ''): Deed {
  return { on, verb, to, detail }
}

/** Empty for a detail that says nothing, so that plain deeds read plainly. */
function digestOf(value: { readonly [name: string]: unknown }): string {
  const said = Object.entries(value).filter(([, one]) => !isNothing(one))
  if (said.length === 0) return ''
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(said)))
    .digest('hex')
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true
  if (typeof value !== 'object') return false
  return Array.isArray(value) ? value.length === 0 : Object.values(value).every(isNothing)
}
