// SHA-256 of bytes that are all there.
import crypto from 'node:crypto'

/** `crypto.hash` spares the object that `createHash` makes, where this version of Node has it. */
export const sha256: (bytes: Uint8Array) => Buffer =
  typeof crypto.hash === 'function'
    ? (bytes) => crypto.hash('sha256', bytes, 'buffer')
    : (bytes) => crypto.createHash('sha256').update(bytes).digest()
