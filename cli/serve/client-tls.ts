// TLS as the configuration has it towards a server: authorities, the name to find, and a certificate of the gateway's own.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type { ClientTls } from '../../proxy/config/index.ts'
import { resolveSecret } from './secrets.ts'

/** The options for a host; undefined where TLS is not spoken. Files and secrets are read anew at every call. */
export async function clientTls(tls: ClientTls, host: string): Promise<ConnectionOptions | undefined> {
  const { mode, ca, serverName = host, certificate, key } = tls
  if (mode === 'disable') return undefined
  return {
    // An address is not sent, and is looked for in the certificate all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    // A client library can put the host in the place of the name.
    checkServerIdentity: (_host, found) => checkServerIdentity(serverName, found),
    rejectUnauthorized: mode === 'verify-full',
    ...(ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }),
    ...(certificate === undefined ? {} : { cert: readFileSync(certificate, 'utf8') }),
    ...(key === undefined ? {} : { key: await resolveSecret(key) }),
  }
}
