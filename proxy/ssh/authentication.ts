// Who a client is: a token as its password, or a certificate whose key has signed this very request; where keys are
// enrolled, a token from whoever has signed with a key of its subject. Keys that were merely offered leave nothing behind.
import type { AuthContext, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2'
import type { Identity } from '../../engine/action/index.ts'
import {
  type Authenticator,
  type Credential,
  certificateSignatures,
  decodeSshCertificate,
  SshFormatError,
  verifySsh,
} from '../identity/index.ts'
import type { SshTarget } from './connection.ts'
import type { EnrolledKeys } from './enrolled-keys.ts'

/** A client that has proved who it is. */
export interface Known {
  readonly identity: Identity
  readonly target: SshTarget
}

/** What clients are known by. */
export interface AuthenticationParts {
  readonly authenticator: Authenticator
  readonly target: (name: string) => SshTarget | undefined
  /** Where there are some, tokens count only with them. */
  readonly enrolled?: EnrolledKeys | undefined
  readonly address: string
  readonly onError: (error: unknown) => void
}

/** Requests of one client, refused ones and mere offers of keys too. */
const attemptsMax = 12
const tokenCharsMax = 16 * 1024
type Method = 'password' | 'keyboard-interactive' | 'publickey'
const tokenMethods: Method[] = ['password', 'keyboard-interactive']

/** Answers one client's requests until one is accepted; `tooMany` is called when it has had its tries. */
export function authenticator(
  parts: AuthenticationParts,
  accepted: (known: Known) => void,
  tooMany: () => void,
): (context: AuthContext) => void {
  const { enrolled } = parts
  const methods: Method[] = enrolled === undefined ? ['publickey', ...tokenMethods] : ['publickey']
  let attempts = 0
  /** Who a token must be of, since a key of theirs has signed, and under which name they asked. */
  let signed: { readonly owns: (identity: Identity) => boolean; readonly username: string } | undefined
  const answer = async (context: AuthContext): Promise<void> => {
    if (++attempts > attemptsMax) return tooMany()
    const { target, resource } = targetOf(context.username, parts.target)
    // Whoever asks under another name begins anew.
    if (signed?.username !== context.username) signed = undefined
    if (context.method === 'publickey') {
      // Of a key that cannot be read the library has no bytes, whatever its types say.
      if (!(context.key.data instanceof Uint8Array)) return context.reject(methods)
      if (context.signature === undefined) {
        // An offer: the client may go on to sign with this key. Only certificates and enrolled keys are of use here.
        if (certificateOf(context) === undefined && enrolled?.knows(context) !== true) context.reject(methods)
        else context.accept()
        return
      }
      const owner = enrolled?.signer(context)
      if (owner !== undefined) {
        signed = { owns: owner, username: context.username }
        return context.reject(tokenMethods, true)
      }
    } else if (enrolled !== undefined && signed === undefined) return context.reject(methods)
    const credential = await credentialOf(context, resource, parts.address)
    const left = signed === undefined ? methods : tokenMethods
    const owns = signed?.owns
    if (credential === undefined) return context.reject(left)
    const answered = await parts.authenticator.authenticate(credential)
    // Whether the host or the token was wrong is not told to somebody who has not proved who they are.
    if (!answered.ok || target === undefined) return context.reject(left)
    if (context.method !== 'publickey' && enrolled !== undefined && owns?.(answered.identity) !== true)
      return context.reject(left)
    accepted({ identity: answered.identity, target })
    context.accept()
  }
  return (context) => {
    answer(context).catch((error: unknown) => {
      parts.onError(error)
      context.reject(methods)
    })
  }
}

/** `RESOURCE`, or `USER+RESOURCE` where the user must be the one that the gateway logs in as. */
function targetOf(
  username: string,
  find: AuthenticationParts['target'],
): { readonly target: SshTarget | undefined; readonly resource: string } {
  const plus = username.lastIndexOf('+')
  const resource = username.slice(plus + 1)
  const target = find(resource)
  return { target: plus >= 0 && target?.user !== username.slice(0, plus) ? undefined : target, resource }
}

async function credentialOf(
  context: AuthContext,
  resource: string,
  clientAddress: string,
): Promise<Credential | undefined> {
  switch (context.method) {
    case 'password':
      return tokenOf(context.password)
    case 'keyboard-interactive':
      return tokenOf(await askToken(context))
    case 'publickey': {
      const certificate = certificateOf(context)
      const { blob, signature } = context
      if (certificate === undefined || blob === undefined || signature === undefined) return undefined
      if (!isSigned(blob, signature, certificate)) return undefined
      return { kind: 'ssh_certificate', certificate: context.key.data, resource, clientAddress }
    }
    default:
      return undefined
  }
}

function tokenOf(token: string): Credential | undefined {
  return token.length > tokenCharsMax ? undefined : { kind: 'token', token }
}

function askToken(context: KeyboardAuthContext): Promise<string> {
  return new Promise((resolve) => {
    context.prompt([{ prompt: 'Token: ', echo: false }], 'Sallyport', (answers) => resolve(answers[0] ?? ''))
  })
}

type Certificate = ReturnType<typeof decodeSshCertificate>

/** The certificate that a client shows; undefined for plain keys and for what names another kind than it is. */
function certificateOf({ key }: PublicKeyAuthContext): Certificate | undefined {
  try {
    const certificate = decodeSshCertificate(key.data)
    return certificateSignatures(certificate.key.algorithm).includes(key.algo) ? certificate : undefined
  } catch (error) {
    if (error instanceof SshFormatError) return undefined
    throw error
  }
}

/** Whether the certified key signed this request in this session (RFC 4252 7). */
function isSigned(blob: Uint8Array, signature: Uint8Array, { key }: Certificate): boolean {
  try {
    return verifySsh(blob, signature, key)
  } catch (error) {
    if (error instanceof SshFormatError) return false
    throw error
  }
}
