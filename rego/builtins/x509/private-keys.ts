// Private keys in PEM, of the kinds and in the forms that Go's crypto/x509 reads, and what policies see of them.
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { numberFromBigInt, type Value } from '../../value/index.ts'
import { badBase64 } from '../base64.ts'
import { BuiltinError } from '../contract.ts'
import { base64, object, unsigned } from './certificate.ts'
import { readAll, readOne, tags } from './der.ts'

const KEYS_MAX = 1000

/** What the bytes of a block are, by its label. */
const FORMS: ReadonlyMap<string, 'pkcs1' | 'pkcs8' | 'sec1'> = new Map([
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['PRIVATE KEY', 'pkcs8'],
  ['EC PRIVATE KEY', 'sec1'],
])

/** What stands behind the version in each form. */
const SECOND_TAGS = { pkcs1: tags.integer, pkcs8: tags.sequence, sec1: tags.octetString } as const

/** The curves that Go knows, by the names that they have here. */
const CURVES: ReadonlySet<string> = new Set(['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1'])

/** The private keys of a text in PEM, in order. Throws BuiltinError for one that cannot be read. */
export function privateKeys(text: string): readonly KeyObject[] {
  const keys: KeyObject[] = []
  for (const { type, der } of keyBlocks(text)) {
    let key: KeyObject
    try {
      if (readAll(readOne(der).body)[1]?.tag !== SECOND_TAGS[type]) throw refused('another form than the label says')
      key = createPrivateKey({ key: der, format: 'der', type })
    } catch {
      throw refused('failed to parse a private key')
    }
    if (!isKnown(key)) throw refused('the kind of the key is not supported')
    keys.push(key)
  }
  return keys
}

function isKnown(key: KeyObject): boolean {
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'ed25519':
    case 'x25519':
      return true
    case 'ec':
      return CURVES.has(key.asymmetricKeyDetails?.namedCurve ?? '')
    default:
      return false
  }
}

interface KeyBlock {
  readonly type: 'pkcs1' | 'pkcs8' | 'sec1'
  readonly der: Buffer
}

/** The blocks of keys in PEM, as Go finds them: each line of a block stands alone, and what is incomplete is passed over. */
function keyBlocks(text: string): readonly KeyBlock[] {
  const blocks: KeyBlock[] = []
  let label: string | undefined
  let body: string[] = []
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd()
    const begun = between(line, '-----BEGIN ', '-----')
    if (begun !== undefined) {
      label = begun
      body = []
    } else if (label !== undefined && line.startsWith('-----END ')) {
      const type = FORMS.get(label)
      const joined = body.join('')
      const whole = between(line, '-----END ', '-----') === label && badBase64(joined, 'standard') < 0
      if (whole && type !== undefined) blocks.push({ type, der: Buffer.from(joined, 'base64') })
      if (blocks.length >= KEYS_MAX) break
      label = undefined
    } else if (!line.includes(':')) body.push(line.trim())
  }
  return blocks
}

function between(line: string, before: string, behind: string): string | undefined {
  const fits = line.startsWith(before) && line.endsWith(behind) && line.length >= before.length + behind.length
  return fits ? line.slice(before.length, line.length - behind.length) : undefined
}

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

/** A key as JWK, which not every kind of key has. */
export function jwkOf(key: KeyObject): JsonWebKey {
  try {
    return key.export({ format: 'jwk' })
  } catch {
    throw refused('the kind of the key is not supported')
  }
}

/** A private key in the fields of Go's crypto packages. */
export function keyValue(key: KeyObject): Value {
  switch (key.asymmetricKeyType) {
    case 'rsa': {
      const jwk = jwkOf(key)
      const number = (name: 'd' | 'e' | 'n' | 'p' | 'q' | 'dp' | 'dq' | 'qi'): Value => integer(jwk[name])
      return object({
        D: number('d'),
        E: number('e'),
        N: number('n'),
        Precomputed: object({ CRTValues: [], Dp: number('dp'), Dq: number('dq'), Qinv: number('qi') }),
        Primes: [number('p'), number('q')],
      })
    }
    case 'ec':
      return curveValue(key)
    case 'ed25519': {
      const { d = '', x = '' } = jwkOf(key)
      return base64(Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]))
    }
    case 'x25519':
      return object({})
    default:
      throw refused('the kind of the key is not supported')
  }
}

function integer(bytes: string | undefined): Value {
  return numberFromBigInt(unsigned(Buffer.from(bytes ?? '', 'base64url')))
}

/** From DER, since not every curve has a JWK: RFC 5915 for the scalar, the uncompressed point for the rest. */
function curveValue(key: KeyObject): Value {
  const [, scalar] = readAll(readOne(key.export({ format: 'der', type: 'sec1' })).body)
  const [, point] = readAll(readOne(createPublicKey(key).export({ format: 'der', type: 'spki' })).body)
  // A bit string says first how many bits are unused, a point that it is not compressed.
  const coordinates = point?.body.subarray(2) ?? Buffer.alloc(0)
  const half = coordinates.length / 2
  return object({
    Curve: object({}),
    D: numberFromBigInt(unsigned(scalar?.body ?? Buffer.alloc(0))),
    X: numberFromBigInt(unsigned(coordinates.subarray(0, half))),
    Y: numberFromBigInt(unsigned(coordinates.subarray(half))),
  })
}
