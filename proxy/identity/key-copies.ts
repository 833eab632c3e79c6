// Copies of keys, read again from their encodings. In Node 20 the export of a key as JWK holds the key's lock while it
// allocates; a collection at that moment that finds what had made the key waits for that lock, for ever. A key that was
// read was made by nothing, so its export cannot wait.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** The public half of a key. */
export function publicCopy(key: KeyObject): KeyObject {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return createPublicKey({ key: publicKey.export({ type: 'spki', format: 'der' }), type: 'spki', format: 'der' })
}

/** A private key. */
export function privateCopy(key: KeyObject): KeyObject {
  return createPrivateKey({ key: key.export({ type: 'pkcs8', format: 'der' }), type: 'pkcs8', format: 'der' })
}
