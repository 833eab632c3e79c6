// The gateway as an authority for SSH user certificates: somebody with a token has a key certified for minutes, and the
// certificate carries who they are, so that the listener judges them as it would have by the token.
import { createHash, createPrivateKey, type KeyObject, randomBytes } from 'node:crypto'
import type { ChainLink, Identity, IdentityKind, Json } from '../../engine/action/index.ts'
import { mayReach } from '../../engine/principal/index.ts'
import type { Authenticator, Credential, IdentityRefusal } from './contract.ts'
import {
  decodeSshCertificate,
  type SshCertificate,
  signSshCertificate,
  verifySshCertificate,
} from './ssh-certificate.ts'
import { decodeSshPublicKey, parseSshLine, SshFormatError, type SshPublicKey, sshPublicKeyOf } from './ssh-keys.ts'
import { readStrictJson } from './strict-json.ts'

/** The key that signs user certificates, and how long one counts at the most. */
export interface UserAuthority {
  readonly key: KeyObject
  readonly publicKey: SshPublicKey
  readonly lifetimeMaxMs: number
}

/** What is asked for. */
export interface CertificateAsked {
  /** A line of a `.pub` file. */
  readonly publicKey: string
  readonly resources: readonly string[]
  readonly lifetimeMs?: number
}

/** A certificate that was signed, or why none was. */
export type Certified =
  | { readonly ok: true; readonly certificate: Uint8Array; readonly serial: bigint; readonly expiresAtMs: number }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** The extension that carries an identity; only certificates of the gateway's own authority are believed in it. */
const identityExtension = 'identity@sallyport'
/** Bytes of an identity that fit into a certificate which SSH still takes as one packet (RFC 4253 6.1). */
const identityBytesMax = 16 * 1024
const resourcesMax = 32
/** What a certificate of another authority may last; its holder cannot be asked whether it is still wanted. */
const foreignLifetimeMaxMs = 24 * 3_600_000

/** Reads the authority's private key: PEM, Ed25519, ECDSA or RSA. */
export function userAuthority(pem: string, lifetimeMaxMs: number): UserAuthority {
  const key = createPrivateKey(pem)
  return { key, publicKey: sshPublicKeyOf(key), lifetimeMaxMs }
}

/** Certifies a key for an identity, for resources that it may reach and never longer than its token counts. */
export function certifyKey(
  authority: UserAuthority,
  identity: Identity,
  asked: CertificateAsked,
  nowMs: number,
): Certified {
  const refuse = (code: string, message: string): Certified => ({ ok: false, code, message })
  const { resources, lifetimeMs = authority.lifetimeMaxMs } = asked
  if (resources.length === 0 || resources.length > resourcesMax)
    return refuse('invalid_request', `a certificate is for 1 to ${resourcesMax} resources; say which by \`resource\``)
  const farther = resources.filter((one) => !mayReach(identity, one))
  if (farther.length > 0)
    return refuse('invalid_target', `the token does not reach ${farther.map((one) => `\`${one}\``).join(', ')}`)
  if (lifetimeMs > authority.lifetimeMaxMs)
    return refuse('invalid_request', `a certificate counts for at most ${Math.round(authority.lifetimeMaxMs / 1000)} s`)
  let key: SshPublicKey
  try {
    key = decodeSshPublicKey(parseSshLine(asked.publicKey).blob)
  } catch (error) {
    if (error instanceof SshFormatError) return refuse('invalid_request', `the public key: ${error.message}`)
    throw error
  }
  const expires = Math.floor(Math.min(nowMs + lifetimeMs, Date.parse(identity.token.expires_at)) / 1000)
  const starts = Math.floor(nowMs / 1000)
  if (!(expires > starts)) return refuse('invalid_grant', 'the token has expired')
  const value = JSON.stringify(identity)
  if (Buffer.byteLength(value) > identityBytesMax)
    return refuse('invalid_request', 'the claims of the token are too large for a certificate')
  const serial = randomBytes(8).readBigUInt64BE()
  try {
    const certificate = signSshCertificate(
      {
        key,
        serial,
        type: 'user',
        keyId: identity.subject,
        principals: [...new Set(resources)],
        validAfter: BigInt(starts),
        validBefore: BigInt(expires),
        criticalOptions: [],
        extensions: [
          { name: identityExtension, value },
          { name: 'permit-port-forwarding', value: '' },
          { name: 'permit-pty', value: '' },
        ],
      },
      authority.key,
    )
    return { ok: true, certificate, serial, expiresAtMs: expires * 1000 }
  } catch (error) {
    if (error instanceof SshFormatError)
      return refuse('invalid_request', `no certificate can say this: ${error.message}`)
    throw error
  }
}

/** Whose certificates count. */
export interface SshTrust {
  /** The gateway's own authority: the identity is the one that the certificate carries. */
  readonly own?: UserAuthority
  /** Others: the identity is the certificate's key id. */
  readonly others: readonly SshPublicKey[]
  readonly clockSkewMs: number
  readonly nowMs: () => number
}

/** Verifies SSH user certificates. That the client holds the certified key, the listener must have seen itself. */
export class SshCertificateAuthenticator implements Authenticator {
  readonly #trust: SshTrust

  constructor(trust: SshTrust) {
    this.#trust = trust
  }

  async authenticate(credential: Credential): ReturnType<Authenticator['authenticate']> {
    if (credential.kind !== 'ssh_certificate') return refused('unsupported', 'only SSH certificates are accepted here')
    let certificate: SshCertificate
    try {
      certificate = decodeSshCertificate(credential.certificate)
    } catch (error) {
      if (error instanceof SshFormatError)
        return refused('malformed', `the certificate cannot be read: ${error.message}`)
      throw error
    }
    const { own, others, clockSkewMs, nowMs } = this.#trust
    const isOwn = own !== undefined && Buffer.from(own.publicKey.blob).equals(certificate.authority.blob)
    const why = verifySshCertificate(
      certificate,
      {
        authorities: isOwn ? [own.publicKey] : others,
        lifetimeMaxSeconds: (isOwn ? own.lifetimeMaxMs : foreignLifetimeMaxMs) / 1000,
        skewSeconds: clockSkewMs / 1000,
      },
      {
        type: 'user',
        nowSeconds: nowMs() / 1000,
        principal: credential.resource,
        ...(credential.clientAddress === undefined ? {} : { clientAddress: credential.clientAddress }),
        enforced: [],
      },
    )
    if (why !== undefined) return refused('certificate', why)
    const identity = isOwn ? carriedIdentity(certificate) : foreignIdentity(certificate)
    return identity === undefined
      ? refused('claims', 'the certificate does not say who its holder is')
      : { ok: true, identity }
  }
}

/** Asks `first`, and `second` where `first` does not take what was presented. */
export function firstOf(first: Authenticator, second: Authenticator): Authenticator {
  return {
    authenticate: async (credential) => {
      const answer = await first.authenticate(credential)
      return answer.ok ? answer : second.authenticate(credential)
    },
  }
}

/** The identity that the gateway itself wrote, until the certificate ends. */
function carriedIdentity({ extensions, validBefore }: SshCertificate): Identity | undefined {
  const text = extensions.find(({ name }) => name === identityExtension)?.value
  const identity = text === undefined ? undefined : readIdentity(readStrictJson(text))
  if (identity === undefined) return undefined
  const ends = new Date(Math.min(Number(validBefore) * 1000, Date.parse(identity.token.expires_at)))
  return { ...identity, token: { ...identity.token, expires_at: iso(ends) } }
}

/** Another authority's certificate names its holder by the key id. */
function foreignIdentity(certificate: SshCertificate): Identity | undefined {
  const { keyId, principals, serial, validAfter, validBefore, authority } = certificate
  if (keyId === '') return undefined
  const fingerprint = createHash('sha256').update(authority.blob).digest('base64').replace('=', '')
  return {
    subject: keyId,
    issuer: `ssh:SHA256:${fingerprint}`,
    kind: 'service',
    groups: [],
    scopes: [],
    claims: { principals: [...principals] },
    chain: [],
    token: {
      id: String(serial),
      issued_at: iso(new Date(Number(validAfter) * 1000)),
      expires_at: iso(new Date(Number(validBefore) * 1000)),
      binding: 'none',
    },
  }
}

/** An identity as `certifyKey` wrote it; undefined for anything else. */
function readIdentity(value: unknown): Identity | undefined {
  const fields = fieldsOf(value)
  const token = fieldsOf(fields?.get('token'))
  const claims = fieldsOf(fields?.get('claims'))
  const link = linkOf(value)
  const groups = textsOf(fields?.get('groups'))
  const chain = fields?.get('chain')
  const links = Array.isArray(chain) ? chain.map(linkOf).filter((one) => one !== undefined) : []
  const [id, issued, expires] = [token?.get('id'), token?.get('issued_at'), token?.get('expires_at')]
  const binding = token?.get('binding')
  if (link === undefined || groups === undefined || claims === undefined || !Array.isArray(chain)) return undefined
  if (links.length !== chain.length || typeof id !== 'string') return undefined
  if (typeof issued !== 'string' || typeof expires !== 'string' || Number.isNaN(Date.parse(expires))) return undefined
  if (binding !== 'none' && binding !== 'mtls' && binding !== 'dpop') return undefined
  return {
    ...link,
    groups,
    claims: Object.fromEntries([...claims].filter((one): one is [string, Json] => one[1] !== undefined)),
    chain: links,
    token: { id, issued_at: issued, expires_at: expires, binding },
  }
}

function linkOf(value: unknown): ChainLink | undefined {
  const fields = fieldsOf(value)
  const [subject, issuer, kind] = [fields?.get('subject'), fields?.get('issuer'), fields?.get('kind')]
  const scopes = textsOf(fields?.get('scopes'))
  if (typeof subject !== 'string' || subject === '' || typeof issuer !== 'string' || scopes === undefined)
    return undefined
  return isKind(kind) ? { subject, issuer, kind, scopes } : undefined
}

function isKind(value: unknown): value is IdentityKind {
  return value === 'agent' || value === 'ci' || value === 'service' || value === 'human'
}

function fieldsOf(value: unknown): Map<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : undefined
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
}

function iso(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z')
}

function refused(code: string, message: string): { readonly ok: false; readonly refusal: IdentityRefusal } {
  return { ok: false, refusal: { code, message } }
}
