// The ways around a mask by path: cells of tables that print the value, selectors and tests that tell whether it is what
// was guessed, and patches that copy it to where no mask looks.
import type { KubeFacts, KubeJson } from '../../../engine/action/kube/index.ts'
import type { PathStep } from './json-path.ts'

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

/** Why a request would tell what lies under a path; undefined when it does not. */
export function tells(
  path: readonly PathStep[],
  { selectors, patch_type, body }: Pick<KubeFacts, 'selectors' | 'patch_type' | 'body'>,
): string | undefined {
  if (labelKeys(selectors.label).some((key) => meets(path, ['metadata', 'labels', key])))
    return 'it selects by a label that is masked here'
  if (fieldNames(selectors.field).some((named) => meets(path, named)))
    return 'it selects by a field that is masked here'
  if (patch_type === 'json' && readsOf(body.object).some((named) => meets(path, named)))
    return 'its patch tests or copies what is masked here'
  return undefined
}

/** Whether a path and a named one lead to the same value, or one of them into the other. */
function meets(path: readonly PathStep[], named: Named): boolean {
  const [step, ...rest] = path
  const [key, ...below] = named
  if (step === undefined || key === undefined) return true
  switch (step.kind) {
    case 'key':
      return step.key === key && meets(rest, below)
    case 'any':
      return meets(rest, below)
    case 'descend':
      return meets(rest, named) || meets(path, below)
  }
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
  while (end < term.length && !'=!<> \t\n('.includes(term[end] ?? '')) end++
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
  if (!Array.isArray(patch)) return []
  return patch.flatMap((operation: KubeJson) => {
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) return []
    const members = new Map<string, KubeJson>(Object.entries(operation))
    const read = members.get('op') === 'test' ? members.get('path') : members.get('from')
    if (typeof read !== 'string') return []
    const keys = read.split('/').slice(1)
    return [keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))]
  })
}
