// Where the gateway's own AWS credentials are: the environment, the role of a service account, the container's endpoint,
// the instance's metadata; in this order, as the tools of AWS look for them.
import { readFile } from 'node:fs/promises'
import { boundedBody } from '../../bundles/source/bounded-body.ts'
import { CredentialError, type CredentialPorts, jsonObject, objectAt, textAt } from './secret.ts'

/** Credentials that sign. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const answerMs = 5000
const answerBytesMax = 256 * 1024
/** The shortest that STS gives: each signature asks anew. */
const assumedSeconds = 900
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

/** The gateway's own credentials, asked for anew each time: what gives them keeps them fresh. */
export async function awsKeys(ports: CredentialPorts, region: string): Promise<AwsKeys> {
  const { environment } = ports
  const [id, secret, session] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map(
    (name) => environment[name],
  )
  if (id !== undefined && secret !== undefined)
    return { accessKeyId: id, secretAccessKey: secret, ...(session === undefined ? {} : { sessionToken: session }) }
  const role = environment['AWS_ROLE_ARN']
  const web = environment['AWS_WEB_IDENTITY_TOKEN_FILE']
  if (role !== undefined && web !== undefined) return assumedKeys(ports, region, role, await fileText(web))
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
  const instanceRole = (await text(ports, place, { headers })).trim()
  return keysOf(await ask(ports, new URL(encodeURIComponent(instanceRole), place), headers))
}

/** A service account's token for a role's keys (EKS): STS answers who the token's cluster is trusted for. */
async function assumedKeys(ports: CredentialPorts, region: string, role: string, token: string): Promise<AwsKeys> {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const answer = await text(ports, new URL(`https://sts.${region}.${suffix}/`), {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: ports.environment['AWS_ROLE_SESSION_NAME'] ?? 'sallyport',
      WebIdentityToken: token.trim(),
      DurationSeconds: String(assumedSeconds),
    }),
  })
  const result = objectAt(
    objectAt(jsonObject(answer), 'AssumeRoleWithWebIdentityResponse'),
    'AssumeRoleWithWebIdentityResult',
  )
  return keysOf(objectAt(result, 'Credentials'))
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw new CredentialError('unreadable', `the file ${path} cannot be read`)
  }
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
  const token = file === undefined ? given : await fileText(file)
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
    if (response.status === 200) return (await boundedBody(response, answerBytesMax)).toString('utf8')
  } catch {
    // Told below.
  }
  throw new CredentialError('unreadable', `${url.host} gave no AWS credentials`)
}

function keysOf(document: object | undefined): AwsKeys {
  const [id, secret] = ['AccessKeyId', 'SecretAccessKey'].map((name) => textAt(document, name))
  // STS calls it otherwise than the endpoints of containers and instances.
  const session = textAt(document, 'Token') ?? textAt(document, 'SessionToken')
  if (id === undefined || secret === undefined)
    throw new CredentialError('unreadable', 'there are no AWS credentials in the answer that should hold them')
  return { accessKeyId: id, secretAccessKey: secret, ...(session === undefined ? {} : { sessionToken: session }) }
}
