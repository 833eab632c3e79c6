// A request body as policies see it. YAML is read once and goes on as JSON, so that what is forwarded is what was judged.
import { type Document, isCollection, isScalar, parseDocument, type Tags, visit } from 'yaml'
import { nestsTooDeep } from '../../../rego/yaml/index.ts'
import type { KubeFacts, KubeJson } from './facts.ts'
import { JsonError, parseJson } from './json.ts'
import { at, text } from './json-access.ts'
import { bodyBytesMax, bodyDepthMax, yamlAliasesMax } from './limits.ts'
import { decodeEnvelope, decodeObject, MessageError } from './protobuf/index.ts'
import type { RequestInfo } from './request-info.ts'

/** A body, and the bytes that stand for it on the road onwards. */
export interface Body {
  readonly facts: KubeFacts['body']
  readonly forward: Uint8Array
  readonly reasons: readonly string[]
}

type Kind = KubeFacts['body']['kind']

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const none: Body = { facts: { kind: 'none', object: null, complete: true }, forward: new Uint8Array(), reasons: [] }

/** The media type without its parameters, in lower case. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}

/** How a patch is meant, by its media type; empty for what is no patch. */
export function patchType(contentType: string): string {
  switch (mediaType(contentType)) {
    case 'application/json-patch+json':
      return 'json'
    case 'application/merge-patch+json':
      return 'merge'
    case 'application/strategic-merge-patch+json':
      return 'strategic'
    case 'application/apply-patch+yaml':
    case 'application/apply-patch+cbor':
      return 'apply'
    default:
      return ''
  }
}

/** Parses a body by its content type, as the API server would. */
export function parseBody(contentType: string, bytes: Uint8Array): Body {
  if (bytes.length === 0) return none
  const kind = kindOf(contentType)
  if (bytes.length > bodyBytesMax) return unknown(kind, bytes, 'the body is too long to be parsed')
  switch (kind) {
    case 'json':
    case 'yaml':
      return parseText(kind, bytes)
    case 'protobuf':
      return parseProtobuf(bytes)
    default:
      return unknown('unknown', bytes, 'the body has an unknown content type')
  }
}

function kindOf(contentType: string): Kind {
  const type = mediaType(contentType)
  // The API server takes a body without a content type for JSON.
  if (type === '' || type === 'application/json' || type.endsWith('+json')) return 'json'
  if (type === 'application/yaml' || type.endsWith('+yaml')) return 'yaml'
  if (type === 'application/vnd.kubernetes.protobuf') return 'protobuf'
  return 'unknown'
}

function unknown(kind: Kind, forward: Uint8Array, reason: string, object: KubeJson = null): Body {
  return { facts: { kind, object, complete: false }, forward, reasons: [reason] }
}

function parseText(kind: 'json' | 'yaml', bytes: Uint8Array): Body {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return unknown(kind, bytes, 'the body is not UTF-8')
  }
  try {
    const object = parseJson(text, bodyDepthMax)
    const forward = kind === 'yaml' ? readAlike(text, bytes) : bytes
    return { facts: { kind, object, complete: true }, forward, reasons: [] }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    // Every JSON text is YAML too, so only what is no JSON at all is tried as YAML.
    return kind === 'yaml' && error.code === 'syntax' ? parseYaml(text, bytes) : unknown(kind, bytes, error.message)
  }
}

/**
 * JSON that readers of YAML read alike. Their line breaks are more than those of JSON, and a line break in a text becomes
 * a space; others of these characters they do not take.
 */
function readAlike(text: string, bytes: Uint8Array): Uint8Array {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const isOdd =
      (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029 || code === 0xfeff || code > 0xfffd
    if (!isOdd) continue
    // It can only stand within a string.
    parts.push(text.slice(from, at), `\\u${code.toString(16).padStart(4, '0')}`)
    from = at + 1
  }
  return from === 0 ? bytes : Buffer.from(parts.join('') + text.slice(from))
}

/** Tags of YAML 1.1 whose values the API server takes for texts, or for something else than `yaml` does. */
const otherTags: ReadonlySet<string> = new Set(
  ['timestamp', 'binary', 'set', 'omap', 'pairs'].map((name) => `tag:yaml.org,2002:${name}`),
)

/** The tags that are read as the API server reads them; where one of the others is written the body is not understood. */
function knownTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag !== 'object' || !(otherTags.has(tag.tag) || tag.format === 'TIME'))
}

/** Whether the values are those that the API server would find, and JSON has them. */
function isPlain(document: Document): boolean {
  let plain = document.directives?.yaml.explicit !== true || document.directives.yaml.version === '1.1'
  visit(document, {
    Scalar: (_key, { type, value, source }) => {
      const octal =
        type === 'PLAIN' && typeof value === 'string' && value.replace('-', '').replace('+', '').startsWith('0o')
      const lost = typeof value === 'number' && !(Number.isSafeInteger(value) || isDecimal(source ?? ''))
      plain &&= !octal && !lost
    },
    Pair: (key, { key: name }) => {
      plain &&= key === null || !(isCollection(name) || (isScalar(name) && name.value === null))
    },
  })
  return plain
}

/** Whether a number is written in the decimal way, and is one. */
function isDecimal(source: string): boolean {
  return Number.isFinite(Number(source))
}

/** Reads YAML 1.1, as the API server does: `yes` is true there, and `<<` merges. */
function parseYaml(text: string, bytes: Uint8Array): Body {
  if (nestsTooDeep(text)) return unknown('yaml', bytes, 'the body nests too deep')
  try {
    const options = { version: '1.1', merge: true, uniqueKeys: true, strict: true, customTags: knownTags } as const
    const document = parseDocument(text, options)
    if (document.errors.length > 0 || document.warnings.length > 0 || !isPlain(document))
      return unknown('yaml', bytes, 'the body is not YAML of one document')
    const printed = JSON.stringify(document.toJS({ maxAliasCount: yamlAliasesMax }))
    if (printed === undefined || printed.length > bodyBytesMax)
      return unknown('yaml', bytes, 'the body is too long to be parsed')
    const object = parseJson(printed, bodyDepthMax)
    return {
      facts: { kind: 'yaml', object, complete: true },
      forward: readAlike(printed, Buffer.from(printed)),
      reasons: [],
    }
  } catch {
    return unknown('yaml', bytes, 'the body is not YAML of one document')
  }
}

/** Subresources whose bodies are of a kind of another group. */
const ownKinds: ReadonlySet<string> = new Set(['scale', 'eviction', 'token', 'proxy'])

/**
 * Why a protobuf body does not belong to its request. How it is read hangs on the kind that it names, and a server that
 * expects another kind, or names two kinds alike, would read another object out of the same bytes.
 */
export function kindObjection(info: RequestInfo, { kind, complete, object }: KubeFacts['body']): string | undefined {
  if (kind !== 'protobuf' || !complete || !info.resource_request) return undefined
  const reason = 'the body is not of the kind that the request is about'
  const deletes = info.verb === 'delete' || info.verb === 'deletecollection'
  if (deletes || text(at(object, 'kind')) === 'DeleteOptions')
    return deletes && text(at(object, 'kind')) === 'DeleteOptions' ? undefined : reason
  const groupVersion = info.group === '' ? info.version : `${info.group}/${info.version}`
  return ownKinds.has(info.subresource) || text(at(object, 'apiVersion')) === groupVersion ? undefined : reason
}

/** Decodes protobuf into the JSON of the same object; where that fails, the envelope may still tell the kind. */
function parseProtobuf(bytes: Uint8Array): Body {
  let named: KubeJson = null
  try {
    const envelope = decodeEnvelope(bytes)
    named = { apiVersion: envelope.apiVersion, kind: envelope.kind }
    const object = decodeObject(envelope)
    if (JSON.stringify(object).length > bodyBytesMax)
      return unknown('protobuf', bytes, 'the body is too long to be parsed', named)
    return { facts: { kind: 'protobuf', object, complete: true }, forward: bytes, reasons: [] }
  } catch (error) {
    if (!(error instanceof MessageError) && !(error instanceof JsonError)) throw error
    return unknown('protobuf', bytes, error.message, named)
  }
}
