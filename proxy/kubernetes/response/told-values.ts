// The ways around a mask by path: cells of tables that print the value, selectors, tests and changes without effect that
// tell whether it is what was guessed, and patches that copy it to where no mask looks.
import type { KubeFacts, KubeJson } from '../../../engine/action/kube/index.ts'
import type { PathStep } from './json-path.ts'
import { reaches } from './value-mask.ts'

/** A path that the client names: keys from the top of the object. */
type Named = readonly string[]

/** Members of objects that no table of the API server prints. */
const unprinted: readonly Named[] = [
  ['data'],
  ['stringData'],
  ['binaryData'],
  ['metadata', 'labels'],
  ['metadata', 'annotations'],
  ['metadata', 'managedFields'],
]
/** Their tables print a class that old objects have in an annotation. */
const printsAnnotations: ReadonlySet<string> = new Set(['persistentvolumes', 'persistentvolumeclaims'])

/** Whether a cell of a table may show what lies under a path. */
export function isInCells(path: readonly PathStep[], { resource }: Pick<KubeFacts, 'resource'>): boolean {
  const keys = path.map((step) => (step.kind === 'key' ? step.key : undefined))
  if (keys[1] === 'annotations' && printsAnnotations.has(resource)) return true
  return !unprinted.some((names) => names.every((name, at) => keys[at] === name))
}

/** Where a scale repeats the selector of what it scales, as one text. */
const scaleSelectors: readonly (readonly PathStep[])[] = ['selector', 'targetSelector'].map((key) => [
  { kind: 'key', key: 'status' },
  { kind: 'key', key },
])

/** Where an answer has once more what lies under a path, which is one of the object that it is about. */
export function copiesOf(path: readonly PathStep[], { subresource }: KubeFacts): readonly (readonly PathStep[])[] {
  return subresource === 'scale' && meets(path, ['spec', 'selector']) ? scaleSelectors : []
}

/** What of a request's facts may tell what a mask hides. */
type Telling = Pick<KubeFacts, 'selectors' | 'verb' | 'dry_run' | 'patch_type' | 'body'>

/** Why a request would tell what lies under a path; undefined when it does not. `isForced` is how an apply is meant. */
export function tells(path: readonly PathStep[], facts: Telling, isForced: boolean): string | undefined {
  const { selectors, verb, dry_run, patch_type, body } = facts
  if (labelKeys(selectors.label).some((key) => meets(path, ['metadata', 'labels', key])))
    return 'it selects by a label that is masked here'
  if (fieldNames(selectors.field).some((named) => meets(path, named)))
    return 'it selects by a field that is masked here'
  if (patch_type === 'json' && readsOf(body.object).some((named) => meets(path, named)))
    return 'its patch tests or copies what is masked here'
  // What would change tells what there is: a version that stays, or a conflict with whoever wrote another value.
  const isTried = dry_run && (verb === 'update' || verb === 'patch')
  if (!isTried && (patch_type !== 'apply' || isForced)) return undefined
  if (body.complete && !writes(path, patch_type, body.object)) return undefined
  return isTried
    ? 'its dry run would tell what is masked here'
    : 'without force it would tell what is masked here by its conflicts'
}

/** Whether a body has a value where a path leads. */
function writes(path: readonly PathStep[], patchType: string, body: KubeJson): boolean {
  if (patchType !== 'json') return reaches(body, path)
  return list(body).some((operation) => meets(path, pointed(operation, 'path') ?? []))
}

/** Whether a path and a named one lead to the same value, or one of them into the other. */
function meets(path: readonly PathStep[], named: Named): boolean {
  const [step, ...rest] = path
  const [key, ...below] = named
  if (step === undefined || key === undefined) return true
  switch (step.kind) {
    case 'key':
      return (step.key === key || (isIndex(step.key) && isIndex(key))) && meets(rest, below)
    case 'any':
      return meets(rest, below)
    case 'descend':
      return meets(rest, named) || meets(path, below)
  }
}

/** An index of a list, in one of the many ways to write it; which of two ways mean the same is not told apart. */
function isIndex(key: string): boolean {
  return key !== '' && [...key].every((mark) => '+-0123456789'.includes(mark))
}

/** The keys of a label selector: `a=b,!c,d in (e,f),g!=h`. */
function labelKeys(selector: string): readonly string[] {
  const keys: string[] = []
  let depth = 0
  let text = ''
  for (const char of `${selector},`) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (char !== ',' || depth > 0) {
      text += char
      continue
    }
    const term = text.trim()
    text = ''
    if (term !== '') keys.push(keyOf(term.startsWith('!') ? term.slice(1).trimStart() : term))
  }
  return keys
}

function keyOf(term: string): string {
  let end = 0
  while (end < term.length && !'=!<> \t\r\n('.includes(term[end] ?? '')) end++
  return term.slice(0, end)
}

/** The fields of a field selector: `a.b=c,d!=e`; a comma in a value only makes more of them. */
function fieldNames(selector: string): readonly Named[] {
  return selector
    .split(',')
    .map((term) => keyOf(term.trim()))
    .filter((name) => name !== '')
    .map((name) => name.split('.'))
}

/** What a JSON patch reads: `from` of what it copies and moves, and what it tests. */
function readsOf(patch: KubeJson): readonly Named[] {
  return list(patch).flatMap((operation) => {
    const read = pointed(operation, member(operation, 'op') === 'test' ? 'path' : 'from')
    return read === undefined ? [] : [read]
  })
}

/** The path that a member of an operation points to (RFC 6901). */
function pointed(operation: KubeJson, name: 'path' | 'from'): Named | undefined {
  const pointer = member(operation, name)
  if (typeof pointer !== 'string') return undefined
  const keys = pointer.split('/').slice(1)
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function list(value: KubeJson): readonly KubeJson[] {
  return Array.isArray(value) ? value : []
}

/** A member of an object, null where it has none of that name. */
export function member(value: KubeJson, name: string): KubeJson {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (new Map<string, KubeJson>(Object.entries(value)).get(name) ?? null) : null
}
