// Keys that are enrolled for the subjects of tokens: where a listener has some, a token counts only from a client that has
// signed with a key of the token's own subject. A key alone lets nobody in.
import ssh2, { type ParsedKey, type PublicKeyAuthContext } from 'ssh2'
import type { Identity } from '../../engine/action/index.ts'

/** Who a key belongs to. */
type Owner = Pick<Identity, 'issuer' | 'subject'>

/** The keys of a listener. */
export interface EnrolledKeys {
  /** True for a key that may sign. */
  knows(context: PublicKeyAuthContext): boolean
  /** Whether a token's identity owns the key that has signed this very request. Undefined when none has. */
  signer(context: PublicKeyAuthContext): ((identity: Owner) => boolean) | undefined
}

interface Enrolled {
  readonly owner: Owner
  readonly key: ParsedKey
  readonly blob: Buffer
}

const linesMax = 100_000
const kinds = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa']

/** Reads lines of `ISSUER SUBJECT ALGORITHM BASE64`, `#` for remarks. Throws for a line that is none. */
export function parseEnrolledKeys(text: string): EnrolledKeys {
  const lines = text.split('\n').map((line) => line.trim())
  if (lines.length > linesMax) throw new TypeError(`more than ${linesMax} enrolled keys`)
  const enrolled = lines.flatMap((line, index) => (line === '' || line.startsWith('#') ? [] : [read(line, index + 1)]))
  const keysOf = ({ key: { data, algo }, hashAlgo }: PublicKeyAuthContext): readonly Enrolled[] =>
    // An RSA signature without a name of its hash is one of SHA-1.
    algo === 'ssh-rsa' && hashAlgo === undefined
      ? []
      : enrolled.filter(({ blob, key }) => key.type === algo && blob.equals(data))
  return {
    knows: (context) => keysOf(context).length > 0,
    signer: (context) => {
      const { blob, signature, hashAlgo } = context
      const known = keysOf(context)
      if (blob === undefined || signature === undefined || known[0]?.key.verify(blob, signature, hashAlgo) !== true)
        return undefined
      return ({ issuer, subject }) => known.some(({ owner }) => owner.issuer === issuer && owner.subject === subject)
    },
  }
}

function read(line: string, number: number): Enrolled {
  const [issuer, subject, ...rest] = line.split(/ +/)
  const parsed = ssh2.utils.parseKey(rest.slice(0, 2).join(' '))
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (issuer === undefined || subject === undefined || key === undefined || key instanceof Error)
    throw new TypeError(`line ${number} of the enrolled keys is not ISSUER SUBJECT ALGORITHM BASE64`)
  if (!kinds.includes(key.type) || key.isPrivateKey())
    throw new TypeError(`line ${number} of the enrolled keys has a key of a kind that does not count`)
  return { owner: { issuer, subject }, key, blob: key.getPublicSSH() }
}
