// Why something cannot be reached, in words of its own, and what to do about it. The operator reads this, no client does.

const readsAs: Readonly<Record<string, readonly [what: string, help: string]>> = {
  ECONNREFUSED: ['nothing listens there', 'start it, or correct host and port'],
  ENOTFOUND: ['its name has no address', 'correct the host, or the name service of this machine'],
  EAI_AGAIN: ['its name could not be looked up', 'look at the name service of this machine'],
  EHOSTUNREACH: ['no way leads there', 'check its address and the networks between'],
  ENETUNREACH: ['no way leads there', 'check its address and the networks between'],
  ETIMEDOUT: ['it does not answer', 'check its address and the firewalls between'],
  ECONNRESET: ['it closed the connection', 'check that this protocol is spoken at this port'],
  ENOENT: ['a file that the configuration names is not there', 'make it, or correct its path'],
  EACCES: ['a file that the configuration names cannot be read', 'let the user of the gateway read it'],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'renew it there'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'set the clocks here and there'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another name',
    'reach it by a name that the certificate has, or set `upstream.tls.server_name`',
  ],
  EPROTO: ['it speaks no TLS at this port', 'check the port; where it has no TLS: `upstream.tls: { mode: disable }`'],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'it speaks no TLS at this port',
    'check the port; where it has no TLS: `upstream.tls: { mode: disable }`',
  ],
  no_tls: [
    'TLS is off there',
    'turn it on in the database (`ssl = on`), or, where the way there is safe: `upstream.tls: { mode: disable }`',
  ],
  host_key: [
    'its key is not in the file of known hosts',
    'compare the key with the host’s own, then add it: `ssh-keyscan -p PORT HOST >> KNOWN_HOSTS`',
  ],
  refused: ['the login was refused', 'check user and credential, and what the host lets in'],
  '28P01': ['wrong password', 'check the credential'],
  '28000': ['the role is not let in', 'check the user, and what pg_hba.conf says of it'],
  '3D000': ['no such database', 'check the name of the database'],
  '53300': ['all its connections are taken', 'raise max_connections, or close some'],
  '57P03': ['it is starting or stopping', 'try again in a moment'],
}
const unknownAuthority: readonly [string, string] = [
  'its certificate is of an authority that is not known here',
  'name the authority: `upstream.tls: { ca: FILE }`',
]
const unknownAuthorityCodes: readonly string[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]
const causesMost = 5

/** An error and the causes behind it, the last one first to be asked: what it says, and what to do. */
export function explained(error: unknown, otherwise: string): { readonly detail: string; readonly help: string } {
  const chain: Error[] = []
  for (let one: unknown = error; one instanceof Error && chain.length < causesMost; one = one.cause) chain.push(one)
  const said = chain[0]?.message ?? 'it cannot be checked'
  for (const one of chain.reverse()) {
    const code: unknown = Reflect.get(one, 'code')
    if (typeof code !== 'string') continue
    const known = unknownAuthorityCodes.includes(code) ? unknownAuthority : readsAs[code]
    if (known !== undefined)
      return { detail: `${said}: ${known[0]}${said.includes(code) ? '' : ` (${code})`}`, help: known[1] }
  }
  return { detail: said, help: otherwise }
}
