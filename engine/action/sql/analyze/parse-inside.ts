// Parsing of texts that stand inside other texts: bodies, EXECUTE strings, expressions from the catalog.
import { bodyBytesMax, inlineBytesMax, inlineDepthMax, inlineOperatorsMax } from '../limits.ts'
import type { Parsed } from '../parser/grammar.ts'
import { blankComments, checkText } from '../text.ts'
import type { Context } from './context.ts'

/** Parses a text that stands inside another, in this thread, within the limits for that. */
export function parseInside(context: Context, text: string): Parsed {
  const refused = (message: string): Parsed => ({ ok: false, clean: true, message, position: 0 })
  if (text.length > bodyBytesMax || checkText(text) !== undefined) return refused('body too long')
  const blanked = blankComments(text)
  if (blanked.depth > inlineDepthMax) return refused('body nested too deeply')
  if (text.length > inlineBytesMax && blanked.operators > inlineOperatorsMax * 4) return refused('body too long')
  return context.grammar.parse(blanked.text)
}
