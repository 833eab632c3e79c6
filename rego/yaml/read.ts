// YAML as OPA reads it, in policies and in data files: YAML 1.1 by way of JSON, with the habits of Go's reader.
import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type ScalarTag,
  type Tags,
  type YAMLError,
} from 'yaml'
import { readJson, type Value, valueFromData } from '../value/index.ts'
import { nestsTooDeep } from './nesting.ts'

/** Aliases that a document may expand to: beyond it a small text would be a huge value. */
const ALIASES_MAX = 1_000

const INTEGER_MIN = -(1n << 63n)
const INTEGER_MAX = (1n << 64n) - 1n

/** A text that is no YAML, or holds what JSON cannot. */
export class YamlError extends Error {}

/** The value of a document: of several in one text the first. Throws YamlError. */
export function readYaml(text: string): Value {
  // Numbers of any size keep their digits: JSON is read as JSON.
  if (/^\s*[[{"]/.test(text)) {
    try {
      return readJson(text)
    } catch {
      // it may still be YAML
    }
  }
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text)) throw refused('yaml: control characters are not allowed')
  if (/^%(?!YAML[ \t]|TAG[ \t])/.test(text)) throw refused('yaml: line 1: found unknown directive name')
  if (nestsTooDeep(text)) throw refused('document nests too deep')
  const documents = parseAllDocuments(text, {
    version: '1.1',
    intAsBigInt: true,
    merge: true,
    // The last of two equal keys counts, as in Go.
    uniqueKeys: false,
    customTags: plainTags,
  })
  const [first] = documents
  if (first === undefined || !('errors' in first)) return null
  const end = isCollectionBlock(first.contents) ? text.length : (first.contents?.range?.[1] ?? 0)
  // Go's reader stops behind the first value. What follows one that ends by itself must only be made of known signs.
  const error = first.errors.find(({ code, pos: [at] }) => at < end || code !== 'UNEXPECTED_TOKEN')
  if (error !== undefined) throw refused(wordsOf(error))
  if (first.errors.length > 0 && !isReadable(text.slice(end))) throw refused('yaml: found unexpected content')
  if (!text.endsWith('\n')) unbreakLast(first.contents, text)
  try {
    return valueFromData(jsonLike(first.toJS({ maxAliasCount: ALIASES_MAX, mapAsMap: true }), 0))
  } catch (cause) {
    if (cause instanceof YamlError) throw cause
    throw refused(cause instanceof Error ? cause.message.slice(0, 200) : 'unreadable document')
  }
}

/** Whether a node goes on for as long as there are lines for it. */
function isCollectionBlock(node: Node | null): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true
}

/** Whether what follows a value begins with a sign that YAML has, quoted texts with their end. */
function isReadable(rest: string): boolean {
  let at = 0
  for (let char = rest[at]; char !== undefined && /[\s#]/.test(char); char = rest[at]) {
    const lineEnd = rest.indexOf('\n', at)
    at = char !== '#' ? at + 1 : lineEnd < 0 ? rest.length : lineEnd
  }
  const first = rest[at]
  if (first === '"' || first === "'") return rest.includes(first, at + 1)
  return first !== '@' && first !== '`'
}

/** Go's reader ends a block of text without a line break where the document ends without one. */
function unbreakLast(root: Node | null, text: string): void {
  let node: unknown = root
  while (isMap(node) || isSeq(node)) {
    const last: unknown = node.items.at(-1)
    node = isPair(last) ? last.value : last
  }
  if (!isScalar(node) || (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED')) return
  const onLastLine = text.slice(text.lastIndexOf('\n') + 1).trim() !== '' && node.range?.[1] === text.length
  if (onLastLine && typeof node.value === 'string' && node.value.endsWith('\n')) node.value = node.value.slice(0, -1)
}

/** `0o17`, which YAML 1.2 brought and Go's reader takes too. */
const newOctal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => BigInt(text.replace(/^[-+]/, '')) * (text.startsWith('-') ? -1n : 1n),
}

/** What Go's reader makes of scalars: no times, no numbers of sixties, and digits that are too much for a float as text. */
function plainTags(tags: Tags): Tags {
  return [newOctal, ...tags]
    .filter(
      (tag) =>
        typeof tag === 'string' ||
        !(tag.tag === 'tag:yaml.org,2002:timestamp' || ('format' in tag && tag.format === 'TIME')),
    )
    .map((tag) => {
      if (typeof tag === 'string' || !('test' in tag) || tag.collection !== undefined) return tag
      return tag.tag === 'tag:yaml.org,2002:float' || tag.tag === 'tag:yaml.org,2002:int' ? withinFloats(tag) : tag
    })
}

function withinFloats(tag: ScalarTag): ScalarTag {
  return {
    ...tag,
    resolve: (text, onError, options) => {
      const resolved = tag.resolve(text, onError, options)
      const value = isScalar(resolved) ? resolved.value : resolved
      const plain = text.replaceAll('_', '')
      // Integers beyond 64 bits are floats where they are written as floats could be.
      if (typeof value === 'bigint')
        return value >= INTEGER_MIN && value <= INTEGER_MAX
          ? resolved
          : Number.isFinite(Number(plain)) && !isBased(plain)
            ? Number(plain)
            : text
      const word = plain.toLowerCase()
      return Number.isFinite(Number(value)) || word.includes('inf') || word.includes('nan') ? resolved : text
    },
  }
}

function isBased(text: string): boolean {
  const digits = text.replace(/^[-+]/, '')
  return digits.startsWith('0x') || digits.startsWith('0b') || digits.startsWith('0o')
}

/** The value as JSON could hold it. Sets, bytes and the like have no place in JSON. */
function jsonLike(value: unknown, depth: number): unknown {
  if (depth > DEPTH_MAX) throw refused('document nests too deep')
  if (typeof value === 'number' && !Number.isFinite(value)) throw refused('json: unsupported value')
  // Integers beyond 64 bits are floats to Go's reader.
  if (typeof value === 'bigint') return value >= INTEGER_MIN && value <= INTEGER_MAX ? value : Number(value)
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => jsonLike(item, depth + 1))
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (!(value instanceof Map)) throw refused('json: unsupported value')
  return Object.fromEntries([...value].map(([key, item]) => [keyOf(key), jsonLike(item, depth + 1)]))
}

function keyOf(key: unknown): string {
  if (typeof key === 'object' || key === undefined) throw refused('unsupported map key')
  return wellFormed(String(key))
}

/** A text of whole characters: an escape of half a pair is none. */
function wellFormed(text: string): string {
  if (Buffer.from(text, 'utf8').toString('utf8') !== text)
    throw refused('yaml: found invalid Unicode character escape code')
  return text
}

/** How deep a document may nest. */
const DEPTH_MAX = 1_000

function wordsOf(error: YAMLError): string {
  const line = error.linePos?.[0].line ?? 1
  const words =
    error.code === 'BAD_INDENT' || error.code === 'MISSING_CHAR' || error.code === 'BAD_DIRECTIVE'
      ? `did not find expected content: ${error.message.split('\n', 1)[0]}`
      : (error.message.split('\n', 1)[0] ?? '')
  return `yaml: line ${line}: ${words}`
}

function refused(message: string): YamlError {
  return new YamlError(message)
}
