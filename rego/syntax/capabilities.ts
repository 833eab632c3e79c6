// What a target understands of the language: the keywords that may be imported, and the features there are.
import type { Cursor } from './cursor.ts'
import type { Diagnostic } from './diagnostic.ts'

/** The language as a capabilities file describes it. */
export interface LanguageCapabilities {
  /** Keywords that may be imported by name. */
  readonly futureKeywords: readonly string[]
  /** Names such as `rego_v1`. */
  readonly features: ReadonlySet<string>
}

/** Words that v1 has as keywords. */
const keywordsOfV1: readonly string[] = ['in', 'every', 'contains', 'if']
/** Keywords that released Rego does not list, and that a text may import by name. */
const experimentalKeywords: readonly string[] = ['and', 'or']
const known: ReadonlySet<string> = new Set([...keywordsOfV1, ...experimentalKeywords, 'not'])

/** Sets a cursor to what the target understands. What keeps a text from being read at all is the result. */
export function limitCursor(cursor: Cursor, capabilities: LanguageCapabilities): Diagnostic | undefined {
  const { features, futureKeywords } = capabilities
  const location = { file: '', row: 0, col: 0, offset: 0, end: 0 }
  const unknown = futureKeywords.find((word) => !known.has(word))
  if (unknown !== undefined)
    return {
      code: 'rego_parse_error',
      message: `illegal capabilities: unknown keyword: ${unknown}`,
      location,
      help: `take it out of \`future_keywords\` in the capabilities: known are ${[...known].sort().join(', ')}`,
    }
  if (cursor.version === 1 && !features.has('rego_v1'))
    return {
      code: 'rego_parse_error',
      message: 'illegal capabilities: rego_v1 feature required for parsing v1 Rego',
      location,
      help: 'write the policy in v0 (`--v0-compatible`), or add `rego_v1` to `features` in the capabilities',
    }
  cursor.importable = importable(cursor.version, capabilities)
  cursor.importsV1 = features.has('rego_v1') || features.has('rego_v1_import')
  cursor.templates = cursor.templates && features.has('template_strings')
  cursor.keywordsInRefs = features.has('keywords_in_refs')
  return undefined
}

/** The keywords that a text may import; sorted. */
export function importable(version: 0 | 1, capabilities?: LanguageCapabilities): readonly string[] {
  if (capabilities === undefined) return [...known].sort()
  const all = version === 1 || capabilities.features.has('rego_v1') ? keywordsOfV1 : []
  return [...new Set([...all, ...capabilities.futureKeywords])].sort()
}
