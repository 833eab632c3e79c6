// crypto.md5 crypto.sha1 crypto.sha256 crypto.hmac.*.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { bytesOfText, type Value } from '../value/index.ts'
import type { Builtin } from './contract.ts'
import { stringOperand } from './operands.ts'

/** The digests by name. */
export const digests: Readonly<Record<string, Builtin>> = {
  'crypto.md5': hash('md5'),
  'crypto.sha1': hash('sha1'),
  'crypto.sha256': hash('sha256'),
  'crypto.hmac.md5': hmac('md5'),
  'crypto.hmac.sha1': hmac('sha1'),
  'crypto.hmac.sha256': hmac('sha256'),
  'crypto.hmac.sha512': hmac('sha512'),
  'crypto.hmac.equal': (_, args: readonly Value[]) => {
    const [a, b] = [bytesOfText(stringOperand(args, 1)), bytesOfText(stringOperand(args, 2))]
    return a.length === b.length && timingSafeEqual(a, b)
  },
}

function hash(algorithm: string): Builtin {
  return (_, args) =>
    createHash(algorithm)
      .update(bytesOfText(stringOperand(args, 1)))
      .digest('hex')
}

function hmac(algorithm: string): Builtin {
  return (_, args) =>
    createHmac(algorithm, bytesOfText(stringOperand(args, 2)))
      .update(bytesOfText(stringOperand(args, 1)))
      .digest('hex')
}
