// What of an answer a client may see: the plan that masks and limits make, and the masker for an answer's kind. What
// cannot be masked is not shown.

import { charsetOf } from '../../engine/action/http/index.ts'
import type { Action } from '../../engine/action/index.ts'
import {
  addByPath,
  addCount,
  compilePaths,
  createStreamMasker,
  type DetectRule,
  EventMasker,
  isDetectorName,
  JsonMasker,
  type JsonPathRule,
  type PathState,
} from '../../engine/masking/index.ts'
import type { Terms } from '../gate/contract.ts'

/** How the body of an answer is treated. */
export type MaskPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'impossible'; readonly why: string }
  | {
      readonly kind: 'masked'
      /** Undefined when nothing is named by path and nothing counted. */
      readonly paths: PathState | undefined
      /** Some of it is named by path. */
      readonly byPath: boolean
      /** What the policy calls each path. */
      readonly names: readonly string[]
      readonly rules: readonly DetectRule[]
      /** Elements of arrays count against a limit. */
      readonly counts: boolean
    }

/** One body on its way. */
export interface BodyMasker {
  /** Throws when the body cannot be masked. */
  push(bytes: Buffer): Buffer
  end(): Buffer
  /** Elements of its outer arrays so far. */
  readonly elements: number
  /** Adds what was replaced so far, by rule: detectors by theirs, paths by these names. */
  addTo(counts: Map<string, number>, names: readonly string[]): void
}

/** What a masker replaced, by rule. */
export function countsOf(masker: BodyMasker, plan: MaskPlan): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  masker.addTo(counts, plan.kind === 'masked' ? plan.names : [])
  return counts
}

const none: MaskPlan = { kind: 'none' }

/**
 * What a request decides of the shape of its answer. Calls, messages on a socket, and whatever is sent in a list, may be
 * answered one by one or in a list; a GraphQL alias has a value stand under any name that the client likes, and `@defer` at another
 * place.
 */
export type AnswerShape = 'plain' | 'calls' | 'renamed'

/** Whether something of an answer is not shown; a plan may only count what is. */
export function hidesValues(plan: MaskPlan): boolean {
  return plan.kind === 'masked' && (plan.byPath || plan.rules.length > 0)
}

/** The shape that the answer to an action has. */
export function shapeOf({ http }: Pick<Action, 'http'>): AnswerShape {
  if (http === undefined || (http.graphql.length === 0 && http.rpc.length === 0 && http.upgrade === '' && isOne(http)))
    return 'plain'
  return http.graphql.some(({ aliases, incremental }) => aliases > 0 || incremental) ? 'renamed' : 'calls'
}

/** Whether nobody takes a body for a list: there is none, or it is JSON of another kind. */
function isOne({ body }: NonNullable<Action['http']>): boolean {
  return body.kind === 'none' || (body.kind === 'json' && body.complete && !Array.isArray(body.value))
}

const renamedWhy =
  'the request has GraphQL aliases, or has parts come later, and what is masked by its path could stand elsewhere'

/** The plan for what a session and an action are allowed under. */
export function maskPlan(shape: AnswerShape, ...terms: readonly Terms[]): MaskPlan {
  const paths: JsonPathRule[] = []
  const names: string[] = []
  const rules: DetectRule[] = []
  let counts = false
  for (const { masks, filters, limits } of terms) {
    for (const mask of masks) {
      if ('json' in mask)
        for (const path of pathsOf(mask.json, shape)) {
          paths.push({ path, strategy: mask.with })
          names.push(mask.json)
        }
      else if ('detect' in mask && isDetectorName(mask.detect))
        rules.push({ detector: mask.detect, strategy: mask.with })
      else return { kind: 'impossible', why: 'a mask of the policy names nothing of an HTTP response' }
    }
    if (filters.length > 0) return { kind: 'impossible', why: 'row filters are not of HTTP' }
    if (limits.rows !== undefined) counts = true
  }
  if (paths.length === 0 && rules.length === 0 && !counts) return none
  const byPath = paths.length > 0
  if (byPath && shape === 'renamed') return { kind: 'impossible', why: renamedWhy }
  const state = paths.length === 0 && !counts ? undefined : compiled(paths)
  if (state === undefined && (paths.length > 0 || counts))
    return { kind: 'impossible', why: 'a JSON path of the policy is not understood' }
  return { kind: 'masked', paths: state, byPath, names, rules, counts }
}

/** A path, and the same in each answer of a list. */
function pathsOf(path: string, shape: AnswerShape): readonly string[] {
  return shape === 'plain' || !path.startsWith('$') ? [path] : [path, `$[*]${path.slice(1)}`]
}

/** True where an action that has no answer of its own is allowed under masks that `terms` do not have already. */
export function masksMore(action: Terms, terms: readonly (Terms | undefined)[]): boolean {
  if (action.masks.length === 0 && action.filters.length === 0) return false
  const known = new Set(terms.flatMap((one) => one?.masks ?? []).map((mask) => JSON.stringify(mask)))
  return action.filters.length > 0 || action.masks.some((mask) => !known.has(JSON.stringify(mask)))
}

/** The plans of one client connection: as long as its decisions are the same, so is the plan. */
export class MaskPlans {
  #shape: AnswerShape = 'plain'
  #session: Terms | undefined
  #action: Terms | undefined
  #answer: Terms | undefined
  #plan: MaskPlan = none

  /** The plan for what a session and an action are allowed under, and the answer to it where that was judged. */
  of(shape: AnswerShape, session: Terms, action: Terms, answer?: Terms): MaskPlan {
    const isKnown = this.#shape === shape && this.#session === session
    if (!isKnown || !areSame(this.#action, action) || !areSame(this.#answer, answer)) {
      this.#plan = answer === undefined ? maskPlan(shape, session, action) : maskPlan(shape, session, action, answer)
      this.#shape = shape
      this.#session = session
      this.#action = action
      this.#answer = answer
    }
    return this.#plan
  }
}

/** Whether two actions were allowed under the very same masks, filters and limits. */
function areSame(a: Terms | undefined, b: Terms | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.masks === b.masks && a.filters === b.filters && a.limits === b.limits
}

/** Paths that were read before; policies make few sets of them. */
const known = new Map<string, PathState | undefined>()
const knownMax = 256

function compiled(paths: readonly JsonPathRule[]): PathState | undefined {
  const key = JSON.stringify(paths)
  if (known.has(key)) return known.get(key)
  const state = compilePaths(paths)
  if (known.size >= knownMax) known.clear()
  known.set(key, state)
  return state
}

/** The kind of a body by its media type. */
type BodyKind = 'json' | 'json_lines' | 'events' | 'text' | 'untyped' | 'other'

const jsonLines: ReadonlySet<string> = new Set(['application/x-ndjson', 'application/jsonl', 'application/x-jsonlines'])
const texts: ReadonlySet<string> = new Set([
  'application/javascript',
  'application/x-www-form-urlencoded',
  'application/xml',
  'application/yaml',
  'application/graphql',
])
/** Character sets in which ASCII is ASCII, so that detectors see what clients see. */
const asciiCharsets = /^(utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|latin1|windows-125\d)$/

/** Kinds of types that came before; APIs use few. */
const knownKinds = new Map<string, BodyKind>()
const knownKindsMax = 256

function kindOf(contentType: string): BodyKind {
  const known = knownKinds.get(contentType)
  if (known !== undefined) return known
  if (knownKinds.size >= knownKindsMax) knownKinds.clear()
  const kind = readKind(contentType)
  knownKinds.set(contentType, kind)
  return kind
}

function readKind(contentType: string): BodyKind {
  if (contentType.trim() === '') return 'untyped'
  const lower = contentType.toLowerCase()
  const media = (lower.split(';', 1)[0] ?? '').trim()
  if (!hasAsciiCharset(lower)) return 'other'
  if (media === 'text/event-stream') return 'events'
  if (jsonLines.has(media)) return 'json_lines'
  if (media === 'application/json' || media.endsWith('+json')) return 'json'
  return media.startsWith('text/') || texts.has(media) || media.endsWith('+xml') ? 'text' : 'other'
}

/** Whether all who read this type, however leniently, take ASCII for ASCII. */
function hasAsciiCharset(contentType: string): boolean {
  const set = charsetOf(contentType)
  return set !== undefined && (set === '' || asciiCharsets.test(set))
}

/** Whether answers of this kind come in pieces that clients wait for. */
export function isStreamed(contentType: string): boolean {
  const kind = kindOf(contentType)
  return kind === 'events' || kind === 'json_lines'
}

/** How messages of MCP come in an answer of this type; undefined where there are none. Clients look for a type anywhere. */
export function messagesIn(contentType: string): 'json' | 'events' | undefined {
  const kind = kindOf(contentType)
  if (kind !== 'other') return kind === 'json' || kind === 'events' ? kind : undefined
  const lower = contentType.toLowerCase()
  if (lower.includes('text/event-stream')) return 'events'
  return lower.includes('application/json') ? 'json' : undefined
}

/** The masker for a body of this type; undefined when it cannot be masked and must not be shown. */
export function bodyMasker(
  plan: Extract<MaskPlan, { readonly kind: 'masked' }>,
  contentType: string,
  hashKey: Uint8Array,
): BodyMasker | undefined {
  const { paths, rules } = plan
  switch (kindOf(contentType)) {
    case 'events':
      return new EventMasker(paths, rules, hashKey)
    case 'json':
    case 'json_lines': {
      const many = kindOf(contentType) === 'json_lines'
      const json = paths === undefined ? undefined : new PathMasker(paths, { hashKey, many, countsPaths: true })
      return rules.length === 0 && json !== undefined ? json : new DetectingMasker(json, rules, hashKey)
    }
    // What clients take it for is theirs to guess, so it must be text at least.
    case 'untyped':
      return paths === undefined ? new DetectingMasker(new PlainText(), rules, hashKey) : undefined
    case 'text':
      return paths === undefined ? new DetectingMasker(undefined, rules, hashKey) : undefined
    case 'other':
      return undefined
  }
}

/** Paths of a document, each counted. */
class PathMasker extends JsonMasker implements BodyMasker {
  addTo(counts: Map<string, number>, names: readonly string[]): void {
    addByPath(counts, names, this.byPath ?? [])
  }
}

/** A text that nobody can take for one in another character set. Throws for what is none. */
class PlainText implements BodyMasker {
  readonly elements = 0
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  push(bytes: Buffer): Buffer {
    if (bytes.includes(0)) throw new Error('a NUL in what should be text')
    this.#decoder.decode(bytes, { stream: true })
    return bytes
  }

  end(): Buffer {
    this.#decoder.decode()
    return Buffer.alloc(0)
  }

  addTo(): void {
    // It replaces nothing.
  }
}

/** Bytes of a body by which it is told whether it begins as text does. */
const beginningBytes = 64

/** Whether there is a byte among the first that no text begins with: compressed data and the like have one. */
function beginsAsText(bytes: Buffer): boolean {
  const end = Math.min(bytes.length, beginningBytes)
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] ?? 0
    const isControl = byte < 8 || (byte > 13 && byte < 32 && byte !== 27)
    if (isControl) return false
  }
  return true
}

/**
 * Detectors behind the paths of a document. They read ASCII, so what only has the name of text is not shown: clients would
 * find in it what detectors do not, in UTF-16 (which has a NUL for every letter) or compressed without a word of that.
 */
class DetectingMasker implements BodyMasker {
  readonly #json: BodyMasker | undefined
  readonly #detect: ReturnType<typeof createStreamMasker>
  #hasBegun = false

  constructor(json: BodyMasker | undefined, rules: readonly DetectRule[], hashKey: Uint8Array) {
    this.#json = json
    this.#detect = createStreamMasker(rules, hashKey)
  }

  push(bytes: Buffer): Buffer {
    if (bytes.includes(0) || !(this.#hasBegun || beginsAsText(bytes))) throw new Error('what should be text is none')
    this.#hasBegun ||= bytes.length > 0
    return this.#detect.push(this.#json === undefined ? bytes : this.#json.push(bytes))
  }

  end(): Buffer {
    const rest = this.#json?.end()
    const before = rest === undefined ? Buffer.alloc(0) : this.#detect.push(rest)
    return Buffer.concat([before, this.#detect.end()])
  }

  get elements(): number {
    return this.#json?.elements ?? 0
  }

  addTo(counts: Map<string, number>, names: readonly string[]): void {
    this.#json?.addTo(counts, names)
    for (const [name, count] of this.#detect.counts) addCount(counts, name, count)
  }
}
