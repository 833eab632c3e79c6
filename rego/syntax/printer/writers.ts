// What terms need of bodies: terms contain bodies and bodies terms, and the two files must not import each other.
import type { Body, Expr } from '../ast.ts'
import type { Location } from '../diagnostic.ts'
import type { Layout } from './layout.ts'

/** How to print what stands inside terms. */
export interface Writers {
  /** One expression. */
  expr(page: Layout, expr: Expr): void
  /** The body of a comprehension: on the line, or on lines of its own up to the end of `outer`. */
  innerBody(page: Layout, body: Body, row: number, outer: Location): void
}
