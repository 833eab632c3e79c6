// The token that a client command presents: by reference, from SALLYPORT_TOKEN, or from a kept login, which is renewed
// before it ends.
import { CredentialError, Credentials } from '../../proxy/identity/index.ts'
import { askToken, type IssuedToken, LoginError, type LoginPorts } from './oidc-client.ts'
import { cacheFolder, type KeptLogin, keepLogin, keptLogin } from './token-cache.ts'

/** Where the token comes from. */
export interface TokenPlace {
  /** `login:NAME`, `file:PATH`, `env:NAME` or `exec:COMMAND`. Absent: SALLYPORT_TOKEN, else the login `default`. */
  readonly reference?: string
  readonly environment: { readonly [name: string]: string | undefined }
}

/** A kept token with less left than this is renewed first. */
const renewBeforeMs = 60_000
/** The name of a login that is not named. */
export const defaultLogin = 'default'

/** The token. Throws LoginError with what to do. */
export async function clientToken(ports: LoginPorts, { reference, environment }: TokenPlace): Promise<string> {
  const fromEnvironment = environment['SALLYPORT_TOKEN']
  if (reference === undefined && fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment.trim()
  const asked = reference ?? `login:${defaultLogin}`
  if (asked.startsWith('login:')) return keptToken(ports, environment, asked.slice('login:'.length))
  return secretOf(ports, environment, asked)
}

/** A secret by reference, without what stands around it. */
export async function secretOf(
  ports: LoginPorts,
  environment: TokenPlace['environment'],
  reference: string,
): Promise<string> {
  try {
    const { nowMs, fetch } = ports
    return (await new Credentials({ environment, nowMs, fetch }).resolve(reference)).reveal().trim()
  } catch (error) {
    if (error instanceof CredentialError) throw new LoginError(error.message)
    throw error
  }
}

async function keptToken(ports: LoginPorts, environment: TokenPlace['environment'], name: string): Promise<string> {
  const folder = cacheFolder(environment)
  const login = keptLogin(folder, name)
  if (login === undefined) throw new LoginError(`there is no login \`${name}\`; run \`sallyport login --name ${name}\``)
  const { expiresAtMs } = login
  if (expiresAtMs === undefined || expiresAtMs - renewBeforeMs > ports.nowMs()) return login.accessToken
  let renewed: IssuedToken | undefined
  try {
    renewed = await renew(ports, environment, login)
  } catch (error) {
    // What is left of a token is better than none.
    if (!(error instanceof LoginError) || expiresAtMs <= ports.nowMs()) throw error
    return login.accessToken
  }
  if (renewed === undefined) {
    if (expiresAtMs > ports.nowMs()) return login.accessToken
    throw new LoginError(`the login \`${name}\` has expired; run \`sallyport login --name ${name}\` again`)
  }
  keepLogin(folder, name, withToken(login, renewed))
  return renewed.accessToken
}

/** A login with a newer token. A refresh token stays when the issuer gives no other. */
export function withToken(login: Omit<KeptLogin, 'accessToken'>, issued: IssuedToken): KeptLogin {
  const { refreshToken = issued.refreshToken, expiresAtMs: _old, ...rest } = login
  const newest = issued.refreshToken ?? refreshToken
  return {
    ...rest,
    accessToken: issued.accessToken,
    ...(newest === undefined ? {} : { refreshToken: newest }),
    ...(issued.expiresAtMs === undefined ? {} : { expiresAtMs: issued.expiresAtMs }),
  }
}

/** Another token without a person; undefined where only a person can log in again. */
async function renew(
  ports: LoginPorts,
  environment: TokenPlace['environment'],
  login: KeptLogin,
): Promise<IssuedToken | undefined> {
  const { tokenEndpoint, clientId, clientSecret, refreshToken, more } = login
  const secret =
    clientSecret === undefined ? undefined : { id: clientId, secret: await secretOf(ports, environment, clientSecret) }
  if (refreshToken !== undefined)
    return askToken(
      ports,
      tokenEndpoint,
      [
        ['grant_type', 'refresh_token'],
        ['refresh_token', refreshToken],
        ...(secret === undefined ? [['client_id', clientId] as const] : []),
        ...more,
      ],
      secret,
    )
  if (secret === undefined) return undefined
  return askToken(ports, tokenEndpoint, [['grant_type', 'client_credentials'], ...more], secret)
}
