// What the type checker found, before it becomes a diagnostic.
import { type Location, refString, termString } from '../syntax/index.ts'
import type { Path } from './environment.ts'

/** How a variable is called in a message: the name that its author wrote. */
export type Shown = (name: string) => string

/** A mistake. */
export interface TypeFault {
  readonly message: string
  readonly location: Location
  readonly details: readonly string[]
  /** True when a part of what was had is not known, because of a mistake that was found before. */
  readonly unknown: boolean
  /** For a key that is not there: the keys that are, and the one that was written. */
  readonly known?: readonly string[]
  readonly wrong?: string
}

/** A path as it is written. */
export function termsText(path: Path, shown: Shown): string {
  const [head, ...rest] = path
  if (head === undefined) return ''
  if (rest.length === 0) return termString(head, shown)
  return refString({ kind: 'ref', head, path: rest, location: head.location }, shown)
}
