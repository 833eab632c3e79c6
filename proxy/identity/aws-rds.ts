// Login tokens of AWS RDS by IAM: a request that is signed (Signature Version 4, in the query) and sent as the password.
import { createHash, createHmac } from 'node:crypto'
import { type AwsKeys, awsKeys } from './aws-keys.ts'
import type { UpstreamSecret } from './contract.ts'
import { CredentialError, type CredentialPorts, secretOf } from './secret.ts'

/** Whom the token logs in, and where. */
export interface RdsLogin {
  readonly region: string
  readonly user: string
  readonly host: string
  readonly port: number
}

/** AWS takes these tokens for a quarter of an hour. */
const tokenSeconds = 900

/** `REGION/USER@HOST:PORT`: a token for that login. */
export async function rdsToken(ports: CredentialPorts, rest: string): Promise<UpstreamSecret> {
  const login = readLogin(rest)
  const nowMs = ports.nowMs()
  return secretOf(signRdsLogin(login, await awsKeys(ports, login.region), nowMs), nowMs + tokenSeconds * 1000)
}

/** The token: the request without its scheme. */
export function signRdsLogin({ region, user, host, port }: RdsLogin, keys: AwsKeys, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const day = stamp.slice(0, 8)
  const scope = `${day}/${region}/rds-db/aws4_request`
  const authority = `${host}:${port}`
  const query = [
    ['Action', 'connect'],
    ['DBUser', user],
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${keys.accessKeyId}/${scope}`],
    ['X-Amz-Date', stamp],
    ['X-Amz-Expires', String(tokenSeconds)],
    ...(keys.sessionToken === undefined ? [] : [['X-Amz-Security-Token', keys.sessionToken]]),
    ['X-Amz-SignedHeaders', 'host'],
  ]
    .map(([name = '', value = '']) => `${name}=${encode(value)}`)
    .join('&')
  const canonical = ['GET', '/', query, `host:${authority}`, '', 'host', sha256('')].join('\n')
  let key: Buffer = Buffer.from(`AWS4${keys.secretAccessKey}`)
  for (const part of [day, region, 'rds-db', 'aws4_request']) key = createHmac('sha256', key).update(part).digest()
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')
  return `${authority}/?${query}&X-Amz-Signature=${createHmac('sha256', key).update(toSign).digest('hex')}`
}

function readLogin(rest: string): RdsLogin {
  const slash = rest.indexOf('/')
  const at = rest.lastIndexOf('@')
  const colon = rest.lastIndexOf(':')
  const login = {
    region: rest.slice(0, Math.max(slash, 0)),
    user: rest.slice(slash + 1, Math.max(at, 0)),
    host: rest.slice(at + 1, Math.max(colon, 0)),
    port: Number(rest.slice(colon + 1)),
  }
  const whole = slash > 0 && at > slash && colon > at && login.user !== '' && login.host !== ''
  if (
    !whole ||
    !/^[a-z0-9-]+$/.test(login.region) ||
    !Number.isInteger(login.port) ||
    login.port < 1 ||
    login.port > 65535
  )
    throw new CredentialError('unreadable', 'an RDS login is written REGION/USER@HOST:PORT')
  return login
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

/** RFC 3986 percent-encoding, which Signature Version 4 asks for. */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
