// A constant glob with constant delimiters as a table that bytes run through, by way of the pattern that it stands for.
import { BuiltinError } from '../builtins/contract.ts'
import { globPattern } from '../builtins/glob.ts'
import type { RegexDfa } from './automaton.ts'
import { regexDfa } from './regex-dfa.ts'

/** The table that matches texts as a whole; undefined where the host must, and where the glob is none. */
export function globDfa(pattern: string, delimiters: readonly string[]): RegexDfa | undefined {
  try {
    return regexDfa(globPattern(pattern, delimiters))
  } catch (error) {
    if (error instanceof BuiltinError) return undefined
    throw error
  }
}
