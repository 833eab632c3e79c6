// An identity provider by its metadata (SAML Metadata 2): its name and the keys that sign. The file is pinned by whoever
// put it there; a provider that changes keys has both in it for a while.
import { type KeyObject, X509Certificate } from 'node:crypto'
import { SamlError } from './signature.ts'
import { parseXml, type XmlElement, XmlError } from './xml.ts'

/** A provider that is believed. */
export interface SamlProvider {
  readonly entityId: string
  readonly keys: readonly KeyObject[]
}

const namespace = 'urn:oasis:names:tc:SAML:2.0:metadata'
const keysMax = 8
const modulusBitsMin = 2048

/** Reads the metadata of one provider. Throws SamlError. */
export function samlProvider(text: string): SamlProvider {
  let root: XmlElement
  try {
    root = parseXml(text.trim())
  } catch (error) {
    if (error instanceof XmlError) throw new SamlError(`the metadata is not read: ${error.message}`)
    throw error
  }
  const entityId = root.attributes.get('entityID') ?? ''
  if (root.local !== 'EntityDescriptor' || root.namespace !== namespace || entityId === '')
    throw new SamlError('the metadata is not of one provider')
  const [descriptor, ...others] = root.children.filter((one) => one.local === 'IDPSSODescriptor')
  if (descriptor === undefined || others.length > 0) throw new SamlError('the metadata is not of one identity provider')
  const keys = descriptor.children
    .filter((one) => one.local === 'KeyDescriptor' && (one.attributes.get('use') ?? 'signing') === 'signing')
    .flatMap((one) => deep(one, 'X509Certificate'))
    .map(({ text: base64 }) => keyOf(base64))
  if (keys.length === 0 || keys.length > keysMax)
    throw new SamlError(`the metadata has not 1 to ${keysMax} signing keys`)
  return { entityId, keys }
}

/** The key is pinned by the file, so what its certificate says of time and issuer does not matter. */
function keyOf(base64: string): KeyObject {
  let key: KeyObject
  try {
    key = new X509Certificate(Buffer.from(base64, 'base64')).publicKey
  } catch {
    throw new SamlError('a certificate of the metadata cannot be read')
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < modulusBitsMin)
    throw new SamlError(`a key of the metadata is not RSA with ${modulusBitsMin} bits or more`)
  return key
}

function deep(root: XmlElement, local: string): readonly XmlElement[] {
  return [...(root.local === local ? [root] : []), ...root.children.flatMap((one) => deep(one, local))]
}
