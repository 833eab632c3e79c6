// A cursor over the tokens of a GraphQL document, and the parts that queries and schemas share.
import {
  type ArgumentNode,
  type ChildNode,
  type DirectiveNode,
  type TypeNode,
  type ValueNode,
  valueKinds,
} from './document.ts'
import { GraphqlError, Lexer, type Token, type TokenKind, wordsOf } from './lexer.ts'

/** How deep a document may nest. */
const DEPTH_MAX = 200

/** Reads tokens with one token of look-ahead. Every method throws GraphqlError. */
export class Cursor {
  readonly #lexer: Lexer
  #token: Token
  #depth = 0

  constructor(text: string) {
    this.#lexer = new Lexer(text)
    this.#token = this.#lexer.next()
  }

  /** The token ahead. */
  get token(): Token {
    return this.#token
  }

  /** Takes the token ahead. */
  take(): Token {
    const token = this.#token
    this.#token = this.#lexer.next()
    return token
  }

  /** Takes a token of a kind, or fails. */
  expect(kind: TokenKind): Token {
    if (this.#token.kind === kind) return this.take()
    throw new GraphqlError(`Expected ${kind}, found ${this.#token.kind}`, this.#token)
  }

  /** Takes a token when it is of a kind. */
  skip(kind: TokenKind): boolean {
    if (this.#token.kind !== kind) return false
    this.take()
    return true
  }

  /** Takes a word, or fails. */
  keyword(word: string): void {
    if (this.#token.kind === 'Name' && this.#token.value === word) this.take()
    else throw new GraphqlError(`Expected ${JSON.stringify(word)}, found ${wordsOf(this.#token)}`, this.#token)
  }

  /** True when the token ahead is this word. */
  isWord(word: string): boolean {
    return this.#token.kind === 'Name' && this.#token.value === word
  }

  name(): string {
    return this.expect('Name').value
  }

  /** The failure of a token that nothing can begin with. */
  unexpected(): GraphqlError {
    return new GraphqlError(`Unexpected ${wordsOf(this.#token)}`, this.#token)
  }

  /** Reads inside of something, unless it nests too deep. */
  within<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) throw new GraphqlError('the document nests too deep', this.#token)
    const result = read()
    this.#depth--
    return result
  }

  /** Items between two tokens, none where the first is absent. */
  many<T>(open: TokenKind, close: TokenKind, read: () => T): readonly T[] {
    if (!this.skip(open)) return []
    const items: T[] = []
    while (!this.skip(close)) {
      if (this.#token.kind === '<EOF>') throw new GraphqlError(`Expected ${close}, found <EOF>`, this.#token)
      items.push(this.within(read))
    }
    return items
  }

  /** The same, with at least one item. */
  some<T>(open: TokenKind, close: TokenKind, read: () => T): readonly T[] {
    const isThere = this.#token.kind === open
    const items = this.#atLeastOne(open, close, read)
    return isThere ? items : []
  }

  #atLeastOne<T>(open: TokenKind, close: TokenKind, read: () => T): readonly T[] {
    if (!this.skip(open)) return []
    const items: T[] = []
    for (;;) {
      if (this.#token.kind === close) {
        if (items.length === 0)
          throw new GraphqlError(`expected at least one definition, found ${this.#token.kind}`, this.#token)
        this.take()
        return items
      }
      if (this.#token.kind === '<EOF>') throw new GraphqlError(`Expected ${close}, found <EOF>`, this.#token)
      items.push(this.within(read))
    }
  }

  arguments(isConstant: boolean): readonly ArgumentNode[] {
    return this.some('(', ')', () => {
      const Name = this.name()
      this.expect(':')
      return { Name, Value: this.value(isConstant) }
    })
  }

  directives(isConstant: boolean): readonly DirectiveNode[] {
    const directives: DirectiveNode[] = []
    while (this.skip('@')) {
      const Name = this.name()
      directives.push({ Name, ...listed('Arguments', this.arguments(isConstant)), Location: '' })
    }
    return directives
  }

  type(): TypeNode {
    return this.within(() => {
      if (!this.skip('[')) {
        const NamedType = this.name()
        return { NamedType, NonNull: this.skip('!') }
      }
      const Elem = this.type()
      this.expect(']')
      return { NamedType: '', Elem, NonNull: this.skip('!') }
    })
  }

  value(isConstant: boolean): ValueNode {
    const { kind, value } = this.#token
    const plain = (Kind: number): ValueNode => {
      this.take()
      return { Raw: value, Kind, ExpectedTypeHasDefault: false }
    }
    switch (kind) {
      case '[': {
        const children = this.many('[', ']', (): ChildNode => ({ Name: '', Value: this.value(isConstant) }))
        return { Raw: '', ...listed('Children', children), Kind: valueKinds.list, ExpectedTypeHasDefault: false }
      }
      case '{': {
        const children = this.many('{', '}', (): ChildNode => {
          const Name = this.name()
          this.expect(':')
          return { Name, Value: this.value(isConstant) }
        })
        return { Raw: '', ...listed('Children', children), Kind: valueKinds.object, ExpectedTypeHasDefault: false }
      }
      case '$':
        if (isConstant) throw this.unexpected()
        this.take()
        return { Raw: this.name(), Kind: valueKinds.variable, ExpectedTypeHasDefault: false }
      case 'Int':
        return plain(valueKinds.int)
      case 'Float':
        return plain(valueKinds.float)
      case 'String':
        return plain(valueKinds.string)
      case 'BlockString':
        return plain(valueKinds.block)
      case 'Name':
        return plain(
          value === 'true' || value === 'false'
            ? valueKinds.boolean
            : value === 'null'
              ? valueKinds.null
              : valueKinds.enum,
        )
      default:
        throw this.unexpected()
    }
  }
}

/** Where the parts of a document stand that messages point at; trees of a policy have no places. */
export const places: WeakMap<object, { readonly line: number; readonly column: number }> = new WeakMap()

/** A field that is absent when its list is empty. */
export function listed<K extends string, T>(key: K, items: readonly T[]): { readonly [P in K]?: readonly T[] } {
  return items.length === 0 ? {} : ({ [key]: items } as { readonly [P in K]: readonly T[] })
}
