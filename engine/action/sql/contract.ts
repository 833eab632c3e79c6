// What callers of the SQL analyzer hold: the analysis of one text, the refusal of one, and the analyzer itself.
import type { Filter, Mask } from '../../decision/index.ts'
import type { Verb } from '../document.ts'
import type { Site } from './analyze/collector.ts'
import type { Catalog } from './catalog/catalog.ts'
import type { SqlColumnRef, SqlStatement } from './facts.ts'
import type { SqlSession } from './session.ts'

/** The server majors whose grammar is at hand. */
export type ServerMajor = 15 | 16 | 17 | 18

/** Why a text is not judged at all. `syntax_error` is the server's own answer; every other code is ours. */
export type RefusalCode =
  | 'syntax_error'
  | 'not_utf8'
  | 'nul'
  | 'too_long'
  | 'too_many_tokens'
  | 'parser_timeout'
  | 'parser_busy'
  | 'parser_failed'

/** A text that must not be forwarded. The session goes on. */
export interface SqlRefusal {
  readonly kind: 'refusal'
  readonly code: RefusalCode
  /** For `syntax_error`, the message the server would give; otherwise a fixed phrase. */
  readonly message: string
  /** 1-based character position in the text for a syntax error, 0 when not known. */
  readonly position: number
}

/** What one text does. */
export interface SqlAnalysis {
  readonly kind: 'analysis'
  /** The text that was judged and that must be forwarded instead of the client's: comments are blanked. */
  readonly forward: string
  /** The strongest verb of its statements; `read` for an empty text. */
  readonly verb: Verb
  /** `empty`, the one statement's kind, or `script` for several. */
  readonly operation: string
  readonly complete: boolean
  readonly statements: readonly SqlStatement[]
  /**
   * The session as it stands after each statement, should that statement complete; undefined where it stays as it is.
   * On `CommandComplete` of statement `i` take `after[i]`; when a statement fails, take `failed()` of what was taken last.
   */
  readonly after: readonly (SqlSession | undefined)[]
  /** For each statement, where its text reads relations. */
  readonly sites: readonly (readonly Site[])[]
  /** For each statement, the columns of which something else is made in its text. */
  readonly computed: readonly (readonly SqlColumnRef[])[]
  /** For each statement, the relations of which rows are deleted, as `schema.name`. */
  readonly deleted: readonly (readonly string[])[]
  /** Whether rows are changed beside what a statement itself does: by an expression of its WITH clause. */
  readonly changesBeside: boolean
  /** The numbers of the text that a text which is `like` this one may have other values in; absent where there are none. */
  readonly numbers?: readonly TextRange[]
  /**
   * The analysis of a text that differs from this one in nothing but the values of its `numbers`, digit for digit at the
   * same places: whatever was found of that text without looking at them holds for this one.
   */
  readonly like?: SqlAnalysis
}

/** A part of a text of ASCII. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** What the analyzer answers for a text. */
export type SqlResult = SqlAnalysis | SqlRefusal

/** Judges texts for one upstream database. */
export interface SqlAnalyzer {
  /**
   * Answers at once when the text is cached or small; otherwise returns undefined and calls `done` once, later.
   * A text that holds a NUL or a lone surrogate is refused.
   */
  analyze(text: string, session: SqlSession, done: (result: SqlResult) => void): SqlResult | undefined
  /** Answers in this turn of the event loop or refuses (`parser_busy`) what is too large for that. */
  analyzeNow(text: string, session: SqlSession): SqlResult
  /**
   * The text to forward instead of an analysis's own under masks and row filters: protected relations are replaced where
   * they are read. `session` is the one the text was analyzed under.
   */
  substitute(analysis: SqlAnalysis, session: SqlSession, terms: ProtectionTerms): Substitution
  /** The statements that provision a server for the `views` mode: views, and a login that may read only them. */
  provision(
    terms: ProtectionTerms,
    login: string,
  ): { readonly ok: true; readonly statements: readonly string[] } | { readonly ok: false; readonly why: string }
  /** Judges later texts by another snapshot of the catalog. */
  useCatalog(catalog: Catalog): void
  readonly catalog: Catalog
  readonly major: ServerMajor
}

/** What a decision protects. */
export interface ProtectionTerms {
  readonly masks: readonly Mask[]
  readonly filters: readonly Filter[]
}

/** Where protected relations are replaced: in the statement's text, or by views that were provisioned on the server. */
export type ProtectionMode = 'inline' | 'views'

/** What becomes of a text under masks and row filters. */
export type Substitution =
  | {
      readonly kind: 'forward'
      readonly text: string
      /** A protected relation is in reach: errors and notices could tell its values. */
      readonly reaches: boolean
      /** Masks that only the gateway can apply, to result columns that are the masked column itself. */
      readonly gateway: readonly Mask[]
      /** For each statement, the masked columns that its output columns derive from, once for each such output. */
      readonly masked: readonly (readonly string[])[]
    }
  | { readonly kind: 'refuse'; readonly why: string }
