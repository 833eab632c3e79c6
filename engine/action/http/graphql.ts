// GraphQL in a request body: what each operation does, fragments spread, within bounds.
import { type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from 'graphql'
import type { GraphqlOperation, HttpFacts, HttpJson } from './facts.ts'
import { callsMax, graphqlBytesMax, graphqlDepthMax, graphqlFieldsMax, graphqlTokensMax } from './limits.ts'
import { lookalike, member } from './members.ts'

const queryName: ReadonlySet<string> = new Set(['query'])

/** The operations of a body that holds `query` texts, alone or in a batch. */
export function graphqlOperations(value: HttpJson, reasons: string[]): HttpFacts['graphql'] {
  const operations: GraphqlOperation[] = []
  for (const request of Array.isArray(value) ? value : [value]) {
    const text = member(request, 'query')
    const other = lookalike(request, queryName)
    if (typeof other === 'string' && other.includes('{')) return notUnderstood(operations, reasons)
    if (typeof text !== 'string' || !text.includes('{')) {
      if (isPersisted(member(request, 'extensions')) && (text === undefined || text === null || text === ''))
        reasons.push('the GraphQL document is not in the request')
      continue
    }
    const read = operations.length < callsMax ? operationsOf(text) : undefined
    if (read === undefined) return notUnderstood(operations, reasons)
    operations.push(...read)
  }
  return operations
}

const servedAt: ReadonlySet<string> = new Set(['graphql', 'gql', 'graphql.json', 'graphql.php'])

/** True for a path that ends as those do under which GraphQL, and nothing else, is served. */
export function isGraphqlPlace(segments: readonly string[]): boolean {
  const last = segments.at(-1) === '' ? segments.at(-2) : segments.at(-1)
  return last !== undefined && servedAt.has(last)
}

function notUnderstood(operations: HttpFacts['graphql'], reasons: string[]): HttpFacts['graphql'] {
  reasons.push('a GraphQL document was not understood')
  return operations
}

/** True where a server has the document already, and is only told which. */
function isPersisted(extensions: HttpJson | undefined): boolean {
  return member(extensions, 'persistedQuery') !== undefined
}

/** True where a body, or one of a list, says something and no document: servers that know documents by a name take theirs. */
export function lacksDocument(value: HttpJson): boolean {
  return (Array.isArray(value) ? value : [value]).some(
    (one: HttpJson) =>
      typeof one === 'object' && one !== null && Object.keys(one).length > 0 && !hasDocument(member(one, 'query')),
  )
}

/** What the parameters of a GraphQL request are called, where they do not hold its document. */
const besideDocument: readonly string[] = [
  'documentId',
  'doc_id',
  'queryId',
  'id',
  'hash',
  'operationName',
  'variables',
]

/** True where a query of a URL has parameters of a GraphQL request, and no document. */
export function namesDocument(parameters: HttpFacts['query']): boolean {
  return !Object.hasOwn(parameters, 'query') && besideDocument.some((name) => Object.hasOwn(parameters, name))
}

/** A text, or texts of a form. */
function hasDocument(query: HttpJson | undefined): boolean {
  return typeof query === 'string' ? query.includes('{') : Array.isArray(query)
}

/** True where the query of a GET says which document the server is to take, and has none. */
export function documentIsElsewhere(parameters: { readonly [name: string]: readonly string[] }): boolean {
  if (!Object.hasOwn(parameters, 'extensions') || Object.hasOwn(parameters, 'query')) return false
  return (parameters['extensions'] ?? []).some((text) => {
    try {
      return isPersisted(JSON.parse(text))
    } catch {
      return false
    }
  })
}

class TooMuch extends Error {}

function operationsOf(text: string): readonly GraphqlOperation[] | undefined {
  if (text.length > graphqlBytesMax) return undefined
  try {
    const document = parse(text, { maxTokens: graphqlTokensMax, noLocation: true })
    const defined = document.definitions.filter(
      (one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION,
    )
    const fragments = new Map(defined.map((one) => [one.name.value, one]))
    // Which of two is spread, servers that do not refuse them decide for themselves.
    if (fragments.size < defined.length) return undefined
    return document.definitions.flatMap((one) => {
      if (one.kind !== Kind.OPERATION_DEFINITION) return []
      const walk = new Walk(fragments)
      walk.selections(one.selectionSet, '', 1)
      return [
        {
          type: one.operation,
          name: one.name?.value ?? '',
          fields: [...walk.fields].sort(),
          depth: walk.depth,
          aliases: walk.aliases,
          incremental: walk.incremental,
          introspection: walk.introspection,
        },
      ]
    })
  } catch {
    return undefined
  }
}

const laterDirectives: ReadonlySet<string> = new Set(['defer', 'stream'])

class Walk {
  readonly fields = new Set<string>()
  depth = 0
  aliases = 0
  incremental = false
  introspection = false
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  #left = graphqlFieldsMax

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments
  }

  selections(set: SelectionSetNode | undefined, path: string, depth: number): void {
    if (depth > graphqlDepthMax) throw new TooMuch()
    for (const one of set?.selections ?? []) {
      if (--this.#left < 0) throw new TooMuch()
      this.incremental ||= one.directives?.some(({ name }) => laterDirectives.has(name.value)) === true
      if (one.kind === Kind.FIELD) {
        const name = one.name.value
        const here = path === '' ? name : `${path}.${name}`
        this.fields.add(here)
        this.depth = Math.max(this.depth, depth)
        if (one.alias !== undefined) this.aliases++
        if (name.startsWith('__') && name !== '__typename') this.introspection = true
        this.selections(one.selectionSet, here, depth + 1)
      } else if (one.kind === Kind.INLINE_FRAGMENT) this.selections(one.selectionSet, path, depth + 1)
      else {
        const fragment = this.#fragments.get(one.name.value)
        if (fragment === undefined) throw new TooMuch()
        this.selections(fragment.selectionSet, path, depth + 1)
      }
    }
  }
}
