// The signature of an assertion: of exactly one shape, by a pinned key. What comes back is the text that was signed, and
// nothing but that text may be read (so wrapping a signed part in other parts gains nothing).
import type { KeyObject } from 'node:crypto'
import { SignedXml } from 'xml-crypto'
import { parseXml, type XmlElement, XmlError } from './xml.ts'

/** Why an assertion does not count. The message is safe for the client. */
export class SamlError extends Error {}

/** The namespace of assertions. */
export const samlNamespace = 'urn:oasis:names:tc:SAML:2.0:assertion'
const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = `${signatureNamespace}enveloped-signature`
const signatureMethods: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
])
const digestMethods: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
])

/** The signed assertion of a text, read from what was signed. Throws SamlError. */
export function signedAssertion(text: string, keys: readonly KeyObject[]): XmlElement {
  const root = parsed(text)
  if (root.local !== 'Assertion' || root.namespace !== samlNamespace)
    throw new SamlError('the document is not one SAML 2.0 assertion')
  const id = root.attributes.get('ID') ?? ''
  if (id === '' || idsOf(root).filter((one) => one === id).length !== 1)
    throw new SamlError('the assertion has no ID of its own')
  const signatures = all(root, (one) => one.namespace === signatureNamespace && one.local === 'Signature')
  const [signature] = signatures
  if (signature === undefined) throw new SamlError('the assertion is not signed')
  if (signatures.length > 1 || !root.children.includes(signature))
    throw new SamlError('the assertion has not exactly one signature, its own')
  checkShape(signature, id)
  const source = text.slice(signature.start, signature.end)
  for (const key of keys) {
    const signed = verified(text, source, key)
    if (signed !== undefined) return readSigned(signed, id)
  }
  throw new SamlError('the assertion is not signed by its issuer')
}

/** The text that a key signed; undefined when it signed nothing here. */
function verified(text: string, signature: string, key: KeyObject): string | undefined {
  const check = new SignedXml({
    publicCert: key.export({ type: 'spki', format: 'pem' }),
    // A key that the document brings along is never asked.
    getCertFromKeyInfo: () => null,
  })
  try {
    check.loadSignature(signature)
    if (!check.checkSignature(text)) return undefined
    const [signed, ...more] = check.getSignedReferences()
    return more.length === 0 ? signed : undefined
  } catch {
    return undefined
  }
}

function readSigned(signed: string, id: string): XmlElement {
  const root = parsed(signed)
  if (root.local !== 'Assertion' || root.namespace !== samlNamespace || root.attributes.get('ID') !== id)
    throw new SamlError('what is signed is not the assertion')
  return root
}

/** One reference, to the assertion itself, by the transforms and algorithms that SAML prescribes (Core 5.4). */
function checkShape(signature: XmlElement, id: string): void {
  const shape = (): SamlError => new SamlError('the signature is not of the shape that is accepted')
  const [info, value, ...rest] = signature.children
  if (
    info?.local !== 'SignedInfo' ||
    value?.local !== 'SignatureValue' ||
    rest.some(({ local }) => local !== 'KeyInfo')
  )
    throw shape()
  const [canonicalization, method, reference, ...others] = info.children
  if (others.length > 0 || canonicalization?.local !== 'CanonicalizationMethod' || method?.local !== 'SignatureMethod')
    throw shape()
  if (canonicalization.attributes.get('Algorithm') !== exclusive) throw shape()
  if (!signatureMethods.has(method.attributes.get('Algorithm') ?? '') || method.children.length > 0)
    throw new SamlError('the signature is not by RSA with SHA-256 or SHA-512')
  if (reference?.local !== 'Reference' || reference.attributes.get('URI') !== `#${id}`)
    throw new SamlError('the signature is not over the assertion')
  const [transforms, digest, digestValue, ...more] = reference.children
  if (more.length > 0 || transforms?.local !== 'Transforms' || digestValue?.local !== 'DigestValue') throw shape()
  const names = transforms.children.map((one) => one.attributes.get('Algorithm'))
  if (names.length !== 2 || names[0] !== enveloped || names[1] !== exclusive) throw shape()
  if (digest?.local !== 'DigestMethod' || !digestMethods.has(digest.attributes.get('Algorithm') ?? ''))
    throw new SamlError('the digest is not SHA-256 or SHA-512')
}

function parsed(text: string): XmlElement {
  try {
    return parseXml(text)
  } catch (error) {
    if (error instanceof XmlError) throw new SamlError(`the assertion is not read: ${error.message}`)
    throw error
  }
}

/** Everything in the document that some reader might take for an identifier. */
function idsOf(root: XmlElement): readonly string[] {
  return all(root, () => true).flatMap(({ attributes }) =>
    [...attributes].filter(([name]) => name.replace(/^\{.*\}/, '').toLowerCase() === 'id').map(([, value]) => value),
  )
}

function all(root: XmlElement, wanted: (one: XmlElement) => boolean): readonly XmlElement[] {
  return [...(wanted(root) ? [root] : []), ...root.children.flatMap((one) => all(one, wanted))]
}
