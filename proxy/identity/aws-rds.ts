// Login tokens of AWS RDS by IAM: a request that is signed (Signature Version 4, in the query) and sent as the password.
// Where the gateway's own AWS credentials are: the environment, the container's endpoint, the instance's metadata.
import { createHash, createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { UpstreamSecret } from './contract.ts'
import { CredentialError, type CredentialPorts, jsonObject, secretOf, textAt } from './secret.ts'

/** Credentials that sign. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Whom the token logs in, and where. */
export interface RdsLogin {
  readonly region: string
  readonly user: string
  readonly host: string
  readonly port: number
}

/** AWS takes these tokens for a quarter of an hour. */
const tokenSeconds = 900
const answerMs = 5000
const metadata = 'http://169.254.169.254'
/** Where containers find their credentials: ECS and EKS Pod Identity, and this machine. */
const containerHosts: ReadonlySet<string> = new Set([
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
  '127.0.0.1',
  '[::1]',
  'localhost',
])

/** `REGION/USER@HOST:PORT`: a token for that login. */
export async function rdsToken(ports: CredentialPorts, rest: string): Promise<UpstreamSecret> {
  const login = readLogin(rest)
  const nowMs = ports.nowMs()
  return secretOf(signRdsLogin(login, await awsKeys(ports), nowMs), nowMs + tokenSeconds * 1000)
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

/** The gateway's own credentials, asked for anew each time: what gives them keeps them fresh. */
async function awsKeys(ports: CredentialPorts): Promise<AwsKeys> {
  const { environment } = ports
  const [id, secret, session] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map(
    (name) => environment[name],
  )
  if (id !== undefined && secret !== undefined)
    return { accessKeyId: id, secretAccessKey: secret, ...(session === undefined ? {} : { sessionToken: session }) }
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']
  const full = environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  if (relative !== undefined) return keysOf(await ask(ports, new URL(relative, 'http://169.254.170.2')))
  if (full !== undefined) return keysOf(await ask(ports, containerUrl(full), await containerHeaders(ports)))
  const session2 = await text(ports, new URL('/latest/api/token', metadata), {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
  })
  const headers = { 'x-aws-ec2-metadata-token': session2 }
  const place = new URL('/latest/meta-data/iam/security-credentials/', metadata)
  const role = (await text(ports, place, { headers })).trim()
  return keysOf(await ask(ports, new URL(encodeURIComponent(role), place), headers))
}

function containerUrl(full: string): URL {
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (
    url === undefined ||
    (url.protocol !== 'https:' && !(url.protocol === 'http:' && containerHosts.has(url.hostname)))
  )
    throw new CredentialError('unreadable', 'AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor of this container')
  return url
}

async function containerHeaders({ environment }: CredentialPorts): Promise<{ readonly [name: string]: string }> {
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const given = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN']
  const token =
    file === undefined
      ? given
      : await readFile(file, 'utf8').catch(() => {
          throw new CredentialError('unreadable', `the file ${file} cannot be read`)
        })
  return token === undefined ? {} : { authorization: token.trim() }
}

async function ask(
  ports: CredentialPorts,
  url: URL,
  headers: { readonly [name: string]: string } = {},
): Promise<object | undefined> {
  return jsonObject(await text(ports, url, { headers }))
}

async function text({ fetch }: CredentialPorts, url: URL, init: RequestInit): Promise<string> {
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(answerMs) })
    if (response.status === 200) return await response.text()
  } catch {
    // Told below.
  }
  throw new CredentialError('unreadable', `${url.host} gave no AWS credentials`)
}

function keysOf(document: object | undefined): AwsKeys {
  const [id, secret, session] = ['AccessKeyId', 'SecretAccessKey', 'Token'].map((name) => textAt(document, name))
  if (id === undefined || secret === undefined)
    throw new CredentialError('unreadable', 'there are no AWS credentials in the answer that should hold them')
  return { accessKeyId: id, secretAccessKey: secret, ...(session === undefined ? {} : { sessionToken: session }) }
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

/** RFC 3986 percent-encoding, which Signature Version 4 asks for. */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
