// A request body as policies see it. YAML is read once and goes on as JSON, so that what is forwarded is what was judged.
import { parseDocument } from 'yaml'
import type { KubeFacts, KubeJson } from './facts.ts'
import { JsonError, parseJson } from './json.ts'
import { bodyBytesMax, bodyDepthMax, yamlAliasesMax } from './limits.ts'

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
      return parseEnvelope(bytes)
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
    return { facts: { kind, object: parseJson(text, bodyDepthMax), complete: true }, forward: bytes, reasons: [] }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    // Every JSON text is YAML too, so only what is no JSON at all is tried as YAML.
    return kind === 'yaml' && error.code === 'syntax' ? parseYaml(text, bytes) : unknown(kind, bytes, error.message)
  }
}

/** Reads YAML 1.1, as the API server does: `yes` is true there, and `<<` merges. */
function parseYaml(text: string, bytes: Uint8Array): Body {
  try {
    const document = parseDocument(text, { version: '1.1', merge: true, uniqueKeys: true, strict: true })
    if (document.errors.length > 0 || document.warnings.length > 0)
      return unknown('yaml', bytes, 'the body is not YAML of one document')
    const printed = JSON.stringify(document.toJS({ maxAliasCount: yamlAliasesMax }))
    if (printed === undefined || printed.length > bodyBytesMax)
      return unknown('yaml', bytes, 'the body is too long to be parsed')
    const object = parseJson(printed, bodyDepthMax)
    return { facts: { kind: 'yaml', object, complete: true }, forward: Buffer.from(printed), reasons: [] }
  } catch {
    return unknown('yaml', bytes, 'the body is not YAML of one document')
  }
}

const magic = [0x6b, 0x38, 0x73, 0x00]

/** The envelope names kind and version; the object inside needs the type's own schema and is not read. */
function parseEnvelope(bytes: Uint8Array): Body {
  const reason = 'a protobuf body is not read'
  if (!magic.every((byte, at) => bytes[at] === byte))
    return unknown('protobuf', bytes, 'the body is not what its content type says')
  const meta = field(bytes.subarray(magic.length), 1)
  if (meta === undefined) return unknown('protobuf', bytes, reason)
  const text = (number: number): string => {
    try {
      return utf8.decode(field(meta, number) ?? new Uint8Array())
    } catch {
      return ''
    }
  }
  return unknown('protobuf', bytes, reason, { apiVersion: text(1), kind: text(2) })
}

/** The last length-delimited field of a number in a protobuf message, undefined when it is not there or broken. */
function field(message: Uint8Array, wanted: number): Uint8Array | undefined {
  let at = 0
  let found: Uint8Array | undefined
  while (at < message.length) {
    const tag = message[at] ?? 0
    // The envelope's fields have small numbers and are all length-delimited.
    if (tag >= 0x80 || (tag & 7) !== 2) return undefined
    let length = 0
    let shift = 0
    for (;;) {
      const byte = message[++at]
      if (byte === undefined || shift > 21) return undefined
      length += (byte & 0x7f) << shift
      shift += 7
      if (byte < 0x80) break
    }
    const start = ++at
    at += length
    if (at > message.length) return undefined
    if (tag >> 3 === wanted) found = message.subarray(start, at)
  }
  return found
}
