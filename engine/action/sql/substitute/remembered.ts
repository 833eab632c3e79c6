// What a decision's masks and filters mean over a catalog snapshot is read once: every statement asks for it.
import type { Catalog } from '../catalog/catalog.ts'
import type { ProtectionTerms, SqlResult } from '../contract.ts'
import type { Source } from './edits.ts'
import { type Protections, protectionsOf } from './protection.ts'
import { protectGenerated, protectStored, protectViews } from './stored.ts'

/** What masks and filters mean over one snapshot. */
export interface Remembered {
  readonly protections: Protections
  /** What is read instead of relations, by mode and relation. */
  readonly sources: Map<string, Source | undefined>
}

/** Masks and filters that are remembered for one snapshot: policies may make others for every identity. */
const remembersMax = 256

/** Reading what is protected looks at every materialized view: once for a snapshot and a set of masks and filters. */
export function remembered(
  terms: ProtectionTerms,
  parts: { readonly catalog: Catalog; readonly analyze: (text: string) => SqlResult },
): Remembered | undefined {
  const all = memoryOf(parts.catalog)
  const key = JSON.stringify([terms.masks, terms.filters])
  const known = all.get(key)
  if (known !== undefined) return known
  const protections = protectionsOf(terms, parts.catalog)
  if (protections === undefined) return undefined
  protectGenerated(protections, parts)
  protectStored(protections, parts)
  protectViews(protections, parts)
  const made: Remembered = { protections, sources: new Map() }
  if (all.size >= remembersMax) all.clear()
  all.set(key, made)
  return made
}

const memories = new WeakMap<Catalog, Map<string, Remembered>>()

function memoryOf(catalog: Catalog): Map<string, Remembered> {
  const known = memories.get(catalog)
  if (known !== undefined) return known
  const made = new Map<string, Remembered>()
  memories.set(catalog, made)
  return made
}
