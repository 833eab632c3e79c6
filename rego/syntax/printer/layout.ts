// The page that the printer writes on: indentation, line ends, and the comments that wait for their row. Comments belong to
// rows: those above a node stand on lines of their own before it, the one beside it ends the line it is printed on.
import type { Comment, Term } from '../ast.ts'
import type { Location } from '../diagnostic.ts'

/** Two comments claim the end of one printed line: what was being printed keeps its source text instead. */
export class CommentClash extends Error {}

/** What the printed text must be readable as, and which spellings it may use. */
export interface Style {
  /** Whether `if` stands before bodies. */
  readonly ifs: boolean
  /** Whether partial sets are written with `contains`. */
  readonly contains: boolean
  /** Whether head values are given with `:=`, as v1 wants. */
  readonly assign: boolean
  /** Whether `a.b.c` may be the name of a rule. */
  readonly refHeads: boolean
  /** Whether keywords may follow a point, as in `input.if`. */
  readonly keywordsInRefs: boolean
  /** Words that an import made keywords. */
  readonly extraKeywords: readonly string[]
}

/** How far printing has come, to return to. */
interface Mark {
  readonly length: number
  readonly level: number
  readonly empty: boolean
  readonly next: number
  readonly ending: Comment | undefined
  readonly delayed: boolean
}

/** A page. */
export class Layout {
  readonly source: string
  readonly style: Style
  /** True until something is printed behind an expression that could go on. */
  afterExpression = false
  readonly #comments: readonly Comment[]
  readonly #lineStarts: readonly number[]
  readonly #out: string[] = []
  #level = 0
  /** True when nothing stands on the line yet. */
  #empty = true
  #next = 0
  #ending: Comment | undefined
  #delayed = false
  #joining = false

  constructor(
    source: string,
    comments: readonly Comment[],
    style: Style,
    lineStarts: readonly number[] = lineStartsOf(source),
  ) {
    this.source = source
    this.style = style
    this.#comments = [...comments].sort((a, b) => a.location.offset - b.location.offset)
    this.#lineStarts = lineStarts
  }

  /** An empty page for a part of the same text, without its comments. */
  apart(style: Style): Layout {
    return new Layout(this.source, [], style, this.#lineStarts)
  }

  write(text: string): void {
    if (this.#empty && text !== '') this.#out.push('\t'.repeat(this.#level))
    this.#empty &&= text === ''
    this.afterExpression = false
    this.#out.push(text)
  }

  /** Ends the line, with the comment that waits for its end. An empty line is not ended. */
  endLine(): void {
    if (this.#empty) return
    if (this.#ending !== undefined && !this.#delayed) {
      this.#out.push(` ${commentText(this.#ending)}`)
      this.#ending = undefined
    }
    this.#delayed = false
    this.#out.push('\n')
    this.#empty = true
  }

  /** True while nothing stands on the line. */
  atLineStart(): boolean {
    return this.#empty
  }

  blankLine(): void {
    this.endLine()
    this.#out.push('\n')
  }

  up(): void {
    this.#level++
  }

  down(): void {
    this.#level--
  }

  /** Begins a list with a line for each group of entries; a comment that waits goes behind the first of them. */
  beginLines(): void {
    this.#delayed = true
    this.endLine()
    this.#delayed = false
    this.#level++
  }

  /** Prints the comments that stand above a row, and keeps the one beside it for the end of the line. */
  commentsTo(row: number, besideToo = true): void {
    const first = this.#next
    for (let comment = this.#peek(); comment !== undefined && comment.location.row < row; comment = this.#peek()) {
      // In the middle of a line a comment waits for its end; a second one would change places with it.
      if (!this.#empty) {
        if (this.#ending !== undefined && !this.#joining) throw new CommentClash()
        this.#join(comment)
        this.#next++
        continue
      }
      const before = this.#comments[this.#next - 1]
      if (this.#next > first && before !== undefined) {
        const metadata = comment.text.trim() === 'METADATA' && this.#inMetadata(first, this.#next)
        if (comment.location.row - before.location.row > 1 || metadata) this.#out.push('\n')
      }
      this.#writeComment(comment)
      this.#next++
    }
    const last = this.#comments[this.#next - 1]
    if (this.#next > first && last !== undefined && row - last.location.row > 1) this.#out.push('\n')
    const beside = this.#peek()
    if (!besideToo || beside === undefined || beside.location.row !== row) return
    if (this.#ending !== undefined && !this.#joining) throw new CommentClash()
    this.#join(beside)
    this.#next++
  }

  /** Prints with comments that claim one line's end joined there. */
  joining(print: () => void): void {
    this.#joining = true
    print()
    this.#joining = false
  }

  /** True when a comment waits above the row, or for the end of this line. */
  hasCommentBefore(row: number): boolean {
    const next = this.#peek()
    return this.#ending !== undefined || (next !== undefined && next.location.row < row)
  }

  /** The comment that waits for the end of the line, taken away. */
  takeEnding(): string | undefined {
    const ending = this.#ending
    this.#ending = undefined
    return ending === undefined ? undefined : commentText(ending)
  }

  /** Prints a comment right here, if it stands behind an offset, and ends the line. */
  inlineComment(comment: Comment, after: number): void {
    if (comment.location.offset > after) this.#writeComment(comment)
  }

  /** Prints what is left. */
  commentsToEnd(): void {
    this.commentsTo(Number.POSITIVE_INFINITY)
  }

  /** The row that an offset is on. */
  rowAt(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }

  /** The row of a node's last character. */
  endRow(location: Location): number {
    return location.end > location.offset ? this.rowAt(location.end - 1) : location.row
  }

  /** The text a node was read from; empty for nodes that no author wrote. */
  textOf(node: Term | { readonly location: Location }): string {
    return this.source.slice(node.location.offset, node.location.end)
  }

  mark(): Mark {
    return {
      length: this.#out.length,
      level: this.#level,
      empty: this.#empty,
      next: this.#next,
      ending: this.#ending,
      delayed: this.#delayed,
    }
  }

  /** Takes back all that was printed since the mark. */
  reset(mark: Mark): void {
    this.#out.length = mark.length
    this.#level = mark.level
    this.#empty = mark.empty
    this.#next = mark.next
    this.#ending = mark.ending
    this.#delayed = mark.delayed
  }

  /** Prints the source text of a range with the comments in it, and the comment behind it on its last line. */
  verbatim(location: Location): void {
    this.write(this.source.slice(location.offset, location.end))
    const lastRow = this.endRow(location)
    // Comments inside the range are part of its text.
    if (this.#ending !== undefined && this.#ending.location.offset >= location.offset) this.#ending = undefined
    let beside: Comment | undefined
    for (let comment = this.#peek(); comment !== undefined && comment.location.row <= lastRow; comment = this.#peek()) {
      beside = comment.location.row === lastRow && comment.location.offset >= location.end ? comment : undefined
      this.#next++
    }
    if (beside === undefined) return
    this.#out.push(` ${commentText(beside)}\n`)
    this.#empty = true
  }

  text(): string {
    this.endLine()
    const text = this.#out.join('')
    let end = text.length
    while (end > 0 && text[end - 1] === '\n') end--
    return `${text.slice(0, end)}\n`
  }

  /** Lets a comment wait for the end of the line, behind another one that does. */
  #join(comment: Comment): void {
    const ending = this.#ending
    this.#ending = ending === undefined ? comment : { ...comment, text: `${ending.text.trimEnd()} #${comment.text}` }
  }

  #peek(): Comment | undefined {
    return this.#comments[this.#next]
  }

  #writeComment(comment: Comment): void {
    const beside = !this.#empty
    this.write(`${beside && !this.#endsSpaced() ? ' ' : ''}${commentText(comment)}`)
    this.endLine()
  }

  #endsSpaced(): boolean {
    return this.#out.at(-1)?.endsWith(' ') === true
  }

  #inMetadata(first: number, next: number): boolean {
    for (let at = next - 1; at >= first; at--) {
      const comment = this.#comments[at]
      const after = this.#comments[at + 1]
      if (comment === undefined || after === undefined || after.location.row - comment.location.row > 1) return false
      if (comment.text.trim() === 'METADATA') return true
    }
    return false
  }
}

function commentText(comment: Comment): string {
  return `#${comment.text.trimEnd()}`
}

function lineStartsOf(source: string): readonly number[] {
  const starts = [0]
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
