// Canonical JSON (RFC 8785) and the action digest: SHA-256 over the canonical document with an empty digest field.
import { createHash } from 'node:crypto'
import type { Action, ActionDocument, Json } from './document.ts'

/** Depth of nesting that canonical JSON accepts; action documents stay far below it. */
export const canonicalDepthMax = 256

/** Canonical JSON of a value. Throws TypeError on what JSON cannot say: NaN, infinities, lone surrogates, undefined. */
export function canonicalJson(value: unknown): string {
  return write(value, 0)
}

/** The action digest of a document, whatever its `digest` field holds now. */
export function actionDigest(document: ActionDocument): string {
  const blank = { ...document, action: { ...document.action, digest: '' } }
  return createHash('sha256').update(canonicalJson(blank)).digest('hex')
}

/** The document with its digest set. The digest is computed when something first reads it. */
export function withDigest(
  document: Omit<ActionDocument, 'action'> & { readonly action: Omit<Action, 'digest'> },
): ActionDocument {
  const { schema, identity, resource, session, action, context } = document
  const named = fieldsOf(action, { document, digest: undefined })
  Object.defineProperty(named, 'digest', lateDigest)
  if (!hasDigest(named)) throw new TypeError('an action without a digest')
  return { schema, identity, resource, session, action: named, context }
}

/** What a digest is computed from, and the digest once it was. */
interface Late {
  readonly document: Parameters<typeof withDigest>[0]
  digest: string | undefined
}

/** Where an action keeps it: JSON does not print it, and a copy of the action has the digest as a value. */
const late: unique symbol = Symbol('late digest')

/**
 * One getter for all actions: one of its own for each would give each a shape of its own, which the collector finds only
 * in a full collection, and with it all that the getter closes over.
 */
const lateDigest: PropertyDescriptor & ThisType<{ readonly [late]: Late }> = {
  enumerable: true,
  configurable: true,
  get() {
    const state = this[late]
    const { document } = state
    state.digest ??= actionDigest({ ...document, action: { ...document.action, digest: '' } })
    return state.digest
  },
}

function hasDigest(action: Omit<Action, 'digest'>): action is Action {
  return 'digest' in action
}

/** Statements and commands come in large numbers: their fields are named, which is several times faster than a spread. */
function fieldsOf(action: Omit<Action, 'digest'>, state: Late): Omit<Action, 'digest'> & { readonly [late]: Late } {
  const { stage, verb, operation, text, complete, sql, shell } = action
  if ('kube' in action || 'http' in action || (sql !== undefined && shell !== undefined))
    return { ...action, [late]: state }
  if (sql !== undefined && !('shell' in action)) return { stage, verb, operation, text, complete, sql, [late]: state }
  if (shell !== undefined && !('sql' in action)) return { stage, verb, operation, text, complete, shell, [late]: state }
  return { ...action, [late]: state }
}

function write(value: unknown, depth: number): string {
  if (depth > canonicalDepthMax) throw new TypeError(`canonical JSON nests deeper than ${canonicalDepthMax}`)
  switch (typeof value) {
    case 'string':
      return writeString(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no infinities and no NaN')
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth)
    default:
      throw new TypeError(`canonical JSON has no ${typeof value}`)
  }
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = '['
  for (let index = 0; index < items.length; index++) text += (index > 0 ? ',' : '') + write(items[index], depth + 1)
  return `${text}]`
}

function writeObject(object: object, depth: number): string {
  let text = '{'
  // Array.prototype.sort without a comparer orders by UTF-16 code units, which is what RFC 8785 3.2.3 asks for.
  for (const key of Object.keys(object).sort()) {
    const value: unknown = Reflect.get(object, key)
    if (value === undefined) continue
    text += `${text.length > 1 ? ',' : ''}${writeString(key)}:${write(value, depth + 1)}`
  }
  return `${text}}`
}

function writeString(text: string): string {
  // isWellFormed came with Node 20; its type is in a later lib than the one we compile against.
  if (/[\ud800-\udfff]/.test(text) && encodeURIComponentFails(text))
    throw new TypeError('canonical JSON has no lone surrogates')
  return JSON.stringify(text)
}

function encodeURIComponentFails(text: string): boolean {
  try {
    encodeURIComponent(text)
    return false
  } catch {
    return true
  }
}

/** True when two JSON values are the same by canonical form. */
export function sameJson(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b)
}
