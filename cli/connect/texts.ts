// What a client needs, as text to copy: the exact command, and the lines of its own configuration files. A token is
// never in the text, and never an argument of a command, where other users of a machine could see it.
import type { Place } from './place.ts'

/** A file that a client reads. */
export interface ClientFile {
  readonly name: string
  readonly text: string
  readonly mode: number
}

/** What is printed, and the files behind it. */
export interface Connection {
  readonly command: string
  readonly files: readonly ClientFile[]
  readonly remarks: readonly string[]
}

/** How the token is had in a command line. */
export interface TokenWords {
  /** A command that prints it. */
  readonly command: string
  readonly user: string
}

/** psql, by a service file and a password file. */
export function postgresConnection(place: Place, words: TokenWords, folder: string, token?: string): Connection {
  const { resource, host, port, tls, ca } = place
  const settings: readonly (readonly [string, string])[] = [
    ['host', host],
    ['port', String(port)],
    ['dbname', resource],
    ['user', words.user],
    ['sslmode', tls ? 'verify-full' : 'disable'],
    ...(tls ? [['sslrootcert', ca ?? 'system'] as const] : []),
  ]
  if (place.oauthIssuer !== undefined) return oauthConnection(settings, resource, place.oauthIssuer, folder)
  const inline = settings.map(([name, value]) => `${name}=${conninfoValue(value)}`).join(' ')
  const passfile = `${folder}/pgpass`
  const service = [`[${resource}]`, ...settings.map(([name, value]) => `${name}=${value}`), `passfile=${passfile}`, '']
  return {
    command: `PGPASSWORD="$(${words.command})" psql ${quoted(inline)}`,
    files: [
      { name: 'pg_service.conf', text: service.join('\n'), mode: 0o600 },
      ...(token === undefined
        ? []
        : [
            {
              name: 'pgpass',
              text: `${[host, String(port), resource, words.user, token].map(passfileValue).join(':')}\n`,
              mode: 0o600,
            },
          ]),
    ],
    remarks: [
      `or by files: PGSERVICEFILE=${quoted(`${folder}/pg_service.conf`)} PGPASSFILE=${quoted(passfile)} psql service=${resource}`,
      'pgpass holds a token; when it has expired, run this again with --save',
    ],
  }
}

/** psql of PostgreSQL 18, which gets its token from the issuer itself. */
function oauthConnection(
  plain: readonly (readonly [string, string])[],
  resource: string,
  issuer: string,
  folder: string,
): Connection {
  const settings = [...plain, ['oauth_issuer', issuer], ['oauth_client_id', 'psql'], ['require_auth', 'oauth']] as const
  const inline = settings.map(([name, value]) => `${name}=${conninfoValue(value)}`).join(' ')
  const service = [`[${resource}]`, ...settings.map(([name, value]) => `${name}=${value}`), '']
  return {
    command: `psql ${quoted(inline)}`,
    files: [{ name: 'pg_service.conf', text: service.join('\n'), mode: 0o600 }],
    remarks: [
      'psql 18 or newer asks for a login in the browser; oauth_client_id is as the issuer knows psql',
      `or by a file: PGSERVICEFILE=${quoted(`${folder}/pg_service.conf`)} psql service=${resource}`,
    ],
  }
}

/** ssh, by a configuration file: a certificate where the gateway signs them, else the token as password. */
export function sshConnection(
  place: Place,
  words: TokenWords,
  folder: string,
  keys: {
    readonly keyFile: string
    readonly known: readonly string[]
    /** Authorities that certify the gateway's host keys. */
    readonly authorities: readonly string[]
    /** A host behind the resource, which its clients log in to through it. */
    readonly jump?: { readonly host: string; readonly port: number }
  },
): Connection {
  const { resource, host, port, identity } = place
  const byCertificate = identity !== undefined
  // A certificate names the gateway as clients reach it, so there is no other name for its key then.
  const isCertified = keys.authorities.length > 0
  const alias = isCertified ? (port === 22 ? host : `[${host}]:${port}`) : `${resource}.sallyport`
  const known = [
    ...keys.authorities.map((line) => `@cert-authority ${alias === host ? host : `${host},${alias}`} ${line}\n`),
    ...keys.known.map((line) => `${alias} ${line}\n`),
  ]
  const config = [
    ...(byCertificate
      ? [`Match originalhost ${resource} exec ${sshQuoted(`sallyport ssh-cert ${resource} --gateway ${identity}`)}`, '']
      : []),
    `Host ${resource}`,
    `  HostName ${host}`,
    `  Port ${port}`,
    `  User ${resource}`,
    ...(isCertified ? [] : [`  HostKeyAlias ${alias}`]),
    '  StrictHostKeyChecking yes',
    `  UserKnownHostsFile ${sshQuoted(`${folder}/known_hosts`)}`,
    '  ForwardAgent no',
    ...(byCertificate
      ? [
          '  IdentitiesOnly yes',
          `  IdentityFile ${sshQuoted(keys.keyFile)}`,
          `  CertificateFile ${sshQuoted(`${keys.keyFile}-cert.pub`)}`,
          '  PreferredAuthentications publickey',
        ]
      : ['  PubkeyAuthentication no', '  PreferredAuthentications password', '  NumberOfPasswordPrompts 1']),
    '',
    ...(keys.jump === undefined
      ? []
      : [`Host ${keys.jump.host}`, `  Port ${keys.jump.port}`, `  ProxyJump ${resource}`, '']),
  ]
  const command = `ssh -F ${quoted(`${folder}/ssh_config`)} ${keys.jump?.host ?? resource}`
  const askpass = `${folder}/askpass`
  return {
    command: byCertificate ? command : `SSH_ASKPASS=${quoted(askpass)} SSH_ASKPASS_REQUIRE=force ${command}`,
    files: [
      { name: 'ssh_config', text: config.join('\n'), mode: 0o600 },
      ...(known.length === 0 ? [] : [{ name: 'known_hosts', text: known.join(''), mode: 0o600 }]),
      ...(byCertificate ? [] : [{ name: 'askpass', text: `#!/bin/sh\nexec ${words.command}\n`, mode: 0o700 }]),
    ],
    remarks:
      known.length === 0
        ? [`put the gateway's host key into ${folder}/known_hosts: ${resource}.sallyport ALGORITHM KEY`]
        : [],
  }
}

/** curl, with the header on its standard input. */
export function httpConnection(place: Place, words: TokenWords): Connection {
  const { host, port, tls, ca, pathPrefix, apiHost, tokenHeader } = place
  const bracketed = host.includes(':') ? `[${host}]` : host
  const path = pathPrefix.startsWith('/') ? pathPrefix : `/${pathPrefix}`
  const isBearer = tokenHeader.toLowerCase() === 'authorization'
  const header = `printf '${tokenHeader}: ${isBearer ? 'Bearer ' : ''}%s' "$(${words.command})"`
  const named = apiHost === undefined ? '' : ` -H ${quoted(`Host: ${apiHost}`)}`
  const trust = tls && ca !== undefined ? ` --cacert ${quoted(ca)}` : ''
  return {
    command: `${header} | curl -H @-${named}${trust} ${quoted(`${tls ? 'https' : 'http'}://${bracketed}:${port}${path}`)}`,
    files: [],
    remarks: [],
  }
}

/** A word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** A value of a libpq connection string. */
function conninfoValue(text: string): string {
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A field of a password file. */
function passfileValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(':', '\\:')
}

function sshQuoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
