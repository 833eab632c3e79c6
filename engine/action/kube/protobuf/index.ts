// A protobuf body of Kubernetes: four bytes of magic, an envelope that names the kind, and the object within.
import type { KubeJson } from '../facts.ts'
import { decodeMessage } from './decode-message.ts'
import { MessageError, MessageReader } from './message-reader.ts'
import { messageOfKind } from './messages.ts'

export { MessageError } from './message-reader.ts'

/** What the envelope says. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: MessageReader
}

const magic = [0x6b, 0x38, 0x73, 0x00]

/** Decodes the envelope (`runtime.Unknown` of Kubernetes). Throws MessageError. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  if (!magic.every((byte, at) => bytes[at] === byte))
    throw new MessageError('wire', 'the body is not what its content type says')
  const reader = new MessageReader(bytes, magic.length)
  const texts = new Map<number, string>()
  let named: ReadonlyMap<number, string> | undefined
  let raw: MessageReader | undefined
  while (reader.more) {
    const { number, type } = reader.tag()
    if (type !== 'bytes') throw broken()
    if (number === 1 && named === undefined) named = decodeTypeMeta(reader.message())
    else if (number === 2 && raw === undefined) raw = reader.message()
    else if ((number === 3 || number === 4) && !texts.has(number)) texts.set(number, reader.text())
    else throw broken()
  }
  if ([...texts.values()].some((text) => text !== ''))
    throw new MessageError('schema', 'the body is encoded within its envelope')
  const apiVersion = named?.get(1) ?? ''
  const kind = named?.get(2) ?? ''
  if (apiVersion === '' || kind === '') throw new MessageError('schema', 'the body does not name its kind')
  return { apiVersion, kind, raw: raw ?? new MessageReader(new Uint8Array()) }
}

/** The object of an envelope as the JSON that the API server would print of it. Throws MessageError or JsonError. */
export function decodeObject({ apiVersion, kind, raw }: Envelope): KubeJson {
  const message = messageOfKind(apiVersion, kind)
  if (message === undefined) throw new MessageError('schema', 'the body is of a kind whose protobuf form is not known')
  const members = decodeMessage(raw, message)
  if (members.has('apiVersion') || members.has('kind')) throw broken()
  return Object.fromEntries([['apiVersion', apiVersion], ['kind', kind], ...members])
}

function decodeTypeMeta(reader: MessageReader): ReadonlyMap<number, string> {
  const texts = new Map<number, string>()
  while (reader.more) {
    const { number, type } = reader.tag()
    if (type !== 'bytes' || number > 2 || texts.has(number)) throw broken()
    texts.set(number, reader.text())
  }
  return texts
}

function broken(): MessageError {
  return new MessageError('schema', 'the envelope of the body is not as Kubernetes writes it')
}
