// The terms of an action as its answer needs them: parsed masks and filters, or why they cannot be kept. A mask that
// cannot be applied refuses the action; it is never left out.
import type { KubeFacts } from '../../../engine/action/kube/index.ts'
import { type DetectRule, isDetectorName } from '../../../engine/masking/index.ts'
import type { Terms } from '../../gate/contract.ts'
import { type ObjectFilter, parseFilter } from './filter.ts'
import { type PathStep, parseJsonPath } from './json-path.ts'
import { copiesOf, isInCells, tells } from './told-values.ts'

/** One mask by path. */
export interface PathMask {
  readonly text: string
  readonly path: readonly PathStep[]
  readonly strategy: string
}

/** What is done to objects and texts on their way to the client. */
export interface AnswerTerms {
  readonly paths: readonly PathMask[]
  readonly detect: readonly DetectRule[]
  readonly filters: readonly ObjectFilter[]
  /** Objects are counted one by one. */
  readonly counts: boolean
  /** The path of the request: where a list goes on is sealed for it. */
  readonly place: string
  /** Whether what the cluster says against a change may repeat values that a path hides. */
  readonly hidesFailures: boolean
  /** Keys at the top of the resource whose values are base64: `data` of Secrets, `binaryData` of ConfigMaps. */
  readonly encoded: ReadonlySet<string>
  /** Whether a table of this resource shows nothing that a mask or filter would have to reach into. */
  readonly tables: boolean
  /** Whether filters read nothing but metadata, so that they can be asked of objects that are cut down to it. */
  readonly metadataOnly: boolean
}

/** The terms for one answer of a request for `target`; a text says why they cannot be kept. */
export function answerTerms(terms: Terms, session: Terms, facts: KubeFacts, target = ''): AnswerTerms | string {
  const isForced = new URLSearchParams(target.slice(target.indexOf('?') + 1)).get('force') === 'true'
  const paths: PathMask[] = []
  const detect: DetectRule[] = []
  for (const mask of [...session.masks, ...terms.masks]) {
    if ('json' in mask) {
      const path = parseJsonPath(mask.json)
      if (path === undefined) return 'a mask names a path that cannot be read'
      const told = tells(path, facts, isForced)
      if (told !== undefined) return told
      for (const one of [path, ...copiesOf(path, facts)])
        paths.push({ text: mask.json, path: one, strategy: mask.with })
    } else if ('detect' in mask) {
      if (!isDetectorName(mask.detect)) return 'a mask names a detector that is not known'
      detect.push({ detector: mask.detect, strategy: mask.with })
    }
  }
  const filters: ObjectFilter[] = []
  for (const { relation, where } of [...session.filters, ...terms.filters]) {
    const resource = filteredResource(facts)
    if (relation !== resource && relation !== `${resource}.${facts.group}`) continue
    const filter = parseFilter(where)
    if (filter === undefined) return 'a filter has a condition that cannot be read'
    filters.push(filter)
  }
  const metadataOnly = filters.every((one) => one.metadataOnly)
  return {
    paths,
    detect,
    filters,
    counts: terms.limits.rows !== undefined || session.limits.rows !== undefined,
    place: facts.path,
    hidesFailures: paths.length > 0 && (facts.verb === 'update' || facts.verb === 'patch'),
    encoded: encodedKeys(facts),
    tables:
      (paths.length === 0 || !facts.group.includes('.') || facts.group.endsWith('.k8s.io')) &&
      !paths.some(({ path }) => isInCells(path, facts)) &&
      metadataOnly,
    metadataOnly,
  }
}

/** Whether an answer must be read object by object. */
export function readsObjects({ paths, detect, filters, counts }: AnswerTerms): boolean {
  return paths.length > 0 || detect.length > 0 || filters.length > 0 || counts
}

/** The resource whose filters a request is under: a binding, made by itself, changes the pod that it names. */
export function filteredResource({ group, resource }: KubeFacts): string {
  return group === '' && resource === 'bindings' ? 'pods' : resource
}

function encodedKeys({ group, resource }: KubeFacts): ReadonlySet<string> {
  if (group !== '') return new Set()
  return new Set(resource === 'secrets' ? ['data'] : resource === 'configmaps' ? ['binaryData'] : [])
}
