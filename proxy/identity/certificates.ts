// Identity by client certificate: the chain is verified here against the authorities of the configuration, whatever the
// TLS layer thought of it, and the subject is taken from where the configuration says.
import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { Identity, IdentityKind } from '../../engine/action/index.ts'
import type { Authenticator, Credential, IdentityRefusal } from './contract.ts'

/** One authority whose certificates are identities. */
export interface CertificateAuthority {
  readonly name: string
  /** PEM of the authority's certificates, one or more. */
  readonly ca: string
  readonly subject: 'san_uri' | 'san_dns' | 'common_name'
  readonly kind: IdentityKind
  readonly groups: readonly string[]
}

const chainMax = 8
const certificateBytesMax = 32 * 1024
const subjectMax = 1024
const clientAuth = '1.3.6.1.5.5.7.3.2'

/** Verifies client certificates. */
export class CertificateAuthenticator implements Authenticator {
  readonly #authorities: readonly (CertificateAuthority & { readonly roots: readonly X509Certificate[] })[]
  readonly #skewMs: number
  readonly #nowMs: () => number

  constructor(
    authorities: readonly CertificateAuthority[],
    options: { readonly clockSkewMs: number; readonly nowMs: () => number },
  ) {
    this.#authorities = authorities.map((one) => ({ ...one, roots: certificatesOf(one.ca) }))
    this.#skewMs = options.clockSkewMs
    this.#nowMs = options.nowMs
  }

  async authenticate(credential: Credential): ReturnType<Authenticator['authenticate']> {
    if (credential.kind !== 'certificate') return refused('unsupported', 'tokens are not accepted as identity here')
    if (credential.chain.length === 0 || credential.chain.length > chainMax)
      return refused('malformed', 'the certificate chain is empty or too long')
    let chain: readonly X509Certificate[]
    try {
      chain = credential.chain.map((der) => {
        if (der.length > certificateBytesMax) throw new RangeError('too large')
        return new X509Certificate(der)
      })
    } catch {
      return refused('malformed', 'the certificate cannot be read')
    }
    for (const authority of this.#authorities) {
      if (!this.#leadsTo(chain, authority.roots)) continue
      return this.#identity(chain, authority)
    }
    return refused('signature', 'the certificate is not of an authority that is known here, or not valid now')
  }

  /** True when every link is signed by the next, the last by a root, and all are valid now. */
  #leadsTo(chain: readonly X509Certificate[], roots: readonly X509Certificate[]): boolean {
    let [at] = chain
    for (let hop = 0; at !== undefined && hop < chainMax; hop++) {
      const signed = at
      if (!this.#validNow(signed)) return false
      const root = roots.find((one) => isSignedBy(signed, one))
      if (root !== undefined) return this.#validNow(root)
      at = chain.slice(1).find((one) => one !== signed && isSignedBy(signed, one))
    }
    return false
  }

  #validNow({ validFrom, validTo }: X509Certificate): boolean {
    const nowMs = this.#nowMs()
    return Date.parse(validFrom) - this.#skewMs <= nowMs && nowMs <= Date.parse(validTo) + this.#skewMs
  }

  async #identity(
    [leaf]: readonly X509Certificate[],
    authority: CertificateAuthority,
  ): ReturnType<Authenticator['authenticate']> {
    if (leaf === undefined || leaf.ca) return refused('claim', 'an authority is not an identity')
    // A certificate that says what it is for must be for clients.
    if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes(clientAuth))
      return refused('claim', 'the certificate is not for clients')
    const subjects = subjectsOf(leaf, authority.subject)
    const [subject] = subjects
    if (subject === undefined || subjects.length > 1 || subject.length > subjectMax)
      return refused('claims', 'the certificate does not name exactly one subject')
    const identity: Identity = {
      subject,
      issuer: `certificate:${authority.name}`,
      kind: authority.kind,
      groups: [...authority.groups].sort(),
      scopes: [],
      claims: {},
      chain: [],
      token: {
        id: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
        issued_at: iso(leaf.validFrom),
        expires_at: iso(leaf.validTo),
        binding: 'mtls',
      },
    }
    return { ok: true, identity }
  }
}

/** Sends each kind of credential to its verifier. */
export function authenticators(
  tokens: Authenticator,
  certificates: Authenticator,
  ssh: Authenticator = tokens,
): Authenticator {
  const by: Readonly<Record<Credential['kind'], Authenticator>> = {
    token: tokens,
    certificate: certificates,
    ssh_certificate: ssh,
  }
  return { authenticate: (credential) => by[credential.kind].authenticate(credential) }
}

/** The chain that a TLS client presented, its own certificate first; empty when it presented none. */
export function presentedChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = []
  const seen = new Set<string>()
  let at: { readonly raw?: Buffer; readonly issuerCertificate?: unknown } | undefined = socket.getPeerCertificate(true)
  while (at?.raw !== undefined && chain.length < chainMax) {
    const key = at.raw.toString('base64')
    if (seen.has(key)) break
    seen.add(key)
    chain.push(at.raw)
    const next: unknown = at.issuerCertificate
    at = typeof next === 'object' && next !== null ? next : undefined
  }
  return chain
}

function isSignedBy(signed: X509Certificate, by: X509Certificate): boolean {
  return by.ca && signed.checkIssued(by) && signed.verify(by.publicKey)
}

function certificatesOf(pem: string): readonly X509Certificate[] {
  const end = '-----END CERTIFICATE-----'
  const found = pem
    .split(end)
    .filter((part) => part.includes('-----BEGIN CERTIFICATE-----'))
    .map((part) => new X509Certificate(`${part}${end}\n`))
  if (found.length === 0) throw new TypeError('the file of authorities holds no certificate')
  return found
}

function subjectsOf(leaf: X509Certificate, from: CertificateAuthority['subject']): readonly string[] {
  if (from === 'common_name')
    return leaf.subject
      .split('\n')
      .filter((line) => line.startsWith('CN='))
      .map((line) => line.slice(3))
  // Node writes names that could be misread in quotes; a name that needs them is no subject here.
  const names = leaf.subjectAltName ?? ''
  if (names.includes('"')) return []
  const prefix = from === 'san_uri' ? 'URI:' : 'DNS:'
  return names
    .split(', ')
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
}

function iso(text: string): string {
  return new Date(text).toISOString().replace('.000Z', 'Z')
}

function refused(code: string, message: string): { readonly ok: false; readonly refusal: IdentityRefusal } {
  return { ok: false, refusal: { code, message } }
}
