// Credentials of Vault's SSH engine, of AWS RDS by IAM and of Kubernetes: fresh, bounded in time, and never told in errors.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import ssh2 from 'ssh2'
import { signRdsLogin } from '../../../proxy/identity/aws-rds.ts'
import {
  CredentialError,
  Credentials,
  decodeSshCertificate,
  decodeSshPublicKey,
  parseSshLine,
  signSshCertificate,
  sshCertificateLine,
} from '../../../proxy/identity/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloud-credentials-'))
after(() => rmSync(folder, { recursive: true }))
let nowMs = Date.parse('2026-01-05T10:00:00Z')
const source = (environment: { readonly [name: string]: string }, by = fetch) =>
  new Credentials({ environment, nowMs: () => nowMs, fetch: by })
const login = 'rds:us-east-1/someusername@prod-instance.us-east-1.rds.amazonaws.com:3306'

test('an RDS token is the one that AWS publishes for these keys and this moment', () => {
  // The vector that botocore tests its generate_db_auth_token with; parameters are in another order there.
  const place = {
    region: 'us-east-1',
    user: 'someusername',
    host: 'prod-instance.us-east-1.rds.amazonaws.com',
    port: 3306,
  }
  const keys = { accessKeyId: 'akid', secretAccessKey: 'skid' }
  assert.equal(
    signRdsLogin(place, keys, Date.parse('2016-11-07T17:39:33Z')),
    'prod-instance.us-east-1.rds.amazonaws.com:3306/?Action=connect&DBUser=someusername&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Frds-db%2Faws4_request&X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=d1138cdbc0ca63eec012ec0fc6c2267e03642168f5884a7795320d4c18374c61',
  )
})

test('RDS: keys of the environment; the token is kept for most of its quarter of an hour', async () => {
  const credentials = source({
    AWS_ACCESS_KEY_ID: 'akid',
    AWS_SECRET_ACCESS_KEY: 'canary-aws',
    AWS_SESSION_TOKEN: 'a/b+c=',
  })
  const first = await credentials.resolve(login)
  assert.equal(first.expiresAtMs, nowMs + 900_000)
  assert.match(
    first.reveal(),
    /&X-Amz-Security-Token=a%2Fb%2Bc%3D&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]{64}$/,
  )
  assert.doesNotMatch(first.reveal(), /canary/)
  nowMs += 700_000
  assert.equal((await credentials.resolve(login)).reveal(), first.reveal())
  nowMs += 50_000
  assert.notEqual((await credentials.resolve(login)).reveal(), first.reveal())
})

test('RDS: keys of the instance, by a session, and of the container, by its token', async () => {
  const asked: string[] = []
  const answers: { readonly [url: string]: string } = {
    'http://169.254.169.254/latest/api/token': 'session-1',
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/': 'gateway-role\n',
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/gateway-role': JSON.stringify({
      AccessKeyId: 'instance',
      SecretAccessKey: 's',
      Token: 't',
    }),
    'http://169.254.170.23/v1/credentials': JSON.stringify({ AccessKeyId: 'pod', SecretAccessKey: 's', Token: 't' }),
    'http://169.254.170.2/task': JSON.stringify({ AccessKeyId: 'task', SecretAccessKey: 's' }),
  }
  const by: typeof fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input)
    const headers = new Headers(init?.headers)
    asked.push(
      `${init?.method ?? 'GET'} ${url} ${headers.get('x-aws-ec2-metadata-token') ?? headers.get('authorization') ?? ''}`,
    )
    assert.equal(init?.redirect, 'error')
    const body = answers[url]
    return new Response(body ?? 'canary', { status: body === undefined ? 404 : 200 })
  }
  const token = join(folder, 'pod-token')
  writeFileSync(token, 'pod-token\n')
  assert.match((await source({}, by).resolve(login)).reveal(), /Credential=instance%2F/)
  assert.deepEqual(asked.splice(0), [
    'PUT http://169.254.169.254/latest/api/token ',
    'GET http://169.254.169.254/latest/meta-data/iam/security-credentials/ session-1',
    'GET http://169.254.169.254/latest/meta-data/iam/security-credentials/gateway-role session-1',
  ])
  const pod = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
  }
  assert.match((await source(pod, by).resolve(login)).reveal(), /Credential=pod%2F/)
  assert.deepEqual(asked.splice(0), ['GET http://169.254.170.23/v1/credentials pod-token'])
  const task = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/task' }
  assert.match((await source(task, by).resolve(login)).reveal(), /Credential=task%2F/)
  await refuses(
    source({ ...pod, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://evil.example/' }, by),
    login,
    /neither https/,
  )
  await refuses(source({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/none' }, by), login, /gave no AWS credentials/)
})

test("RDS: keys of a service account's role; a refusal by STS tells nothing of the token", async () => {
  const web = join(folder, 'web-token')
  writeFileSync(web, 'canary-web-token\n')
  const asked: { readonly url: string; readonly accept: string | null; readonly form: object }[] = []
  let status = 200
  const by: typeof fetch = async (url, init) => {
    const form = Object.fromEntries(init?.body instanceof URLSearchParams ? init.body : [])
    asked.push({ url: String(url), accept: new Headers(init?.headers).get('accept'), form })
    const Credentials = { AccessKeyId: 'assumed', SecretAccessKey: 's', SessionToken: 'session-2', Expiration: 1.7e9 }
    const body = { AssumeRoleWithWebIdentityResponse: { AssumeRoleWithWebIdentityResult: { Credentials } } }
    return new Response(status === 200 ? JSON.stringify(body) : 'canary', { status })
  }
  const environment = { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/gateway', AWS_WEB_IDENTITY_TOKEN_FILE: web }
  const token = (await source(environment, by).resolve(login)).reveal()
  assert.match(token, /Credential=assumed%2F/)
  assert.match(token, /X-Amz-Security-Token=session-2&/)
  const { region } = /^rds:(?<region>[^/]+)/.exec(login)?.groups ?? {}
  assert.deepEqual(asked, [
    {
      url: `https://sts.${region}.amazonaws.com/`,
      accept: 'application/json',
      form: {
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: environment.AWS_ROLE_ARN,
        RoleSessionName: 'sallyport',
        WebIdentityToken: 'canary-web-token',
        DurationSeconds: '900',
      },
    },
  ])
  status = 403
  await refuses(source(environment, by), login, /gave no AWS credentials/)
  await refuses(source({ ...environment, AWS_WEB_IDENTITY_TOKEN_FILE: '/none' }, by), login, /cannot be read/)
})

async function refuses(credentials: Credentials, reference: string, why: RegExp): Promise<void> {
  await assert.rejects(credentials.resolve(reference), (error: unknown) => {
    assert.ok(error instanceof CredentialError, String(error))
    assert.match(error.message, why)
    assert.doesNotMatch(inspect(error, { depth: 9 }), /canary/)
    return true
  })
}

for (const rest of [
  '',
  'us-east-1',
  'us-east-1/u@h',
  'us-east-1/u@h:0',
  'us-east-1/@h:1',
  'u@h:1',
  'US/u@h:1',
  'r/u@h:99999',
])
  test(`an RDS login that is written \`${rest}\` is refused`, () =>
    refuses(
      source({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'canary' }),
      `rds:${rest}`,
      /REGION\/USER@HOST:PORT/,
    ))

test('a projected token counts until it says, and is read again before', async () => {
  const file = join(folder, 'projected')
  const write = (exp: number, note: string): void => {
    const claims = Buffer.from(JSON.stringify({ exp, note })).toString('base64url')
    writeFileSync(file, `e30.${claims}.sig\n`)
  }
  const credentials = source({})
  write(nowMs / 1000 + 100, 'one')
  const first = (await credentials.resolve(`projected:${file}`)).reveal()
  write(nowMs / 1000 + 200, 'two')
  assert.equal((await credentials.resolve(`projected:${file}`)).reveal(), first)
  nowMs += 81_000
  assert.notEqual((await credentials.resolve(`projected:${file}`)).reveal(), first)
  write(nowMs / 1000 - 1, 'old')
  await refuses(source({}), `projected:${file}`, /has expired/)
  writeFileSync(file, 'canary-not-a-token')
  await refuses(source({}), `projected:${file}`, /no projected token/)
})

/** A Vault with an SSH engine at `ssh` and a login by service accounts. */
async function vault(t: { after(done: () => void): void }) {
  const authority = generateKeyPairSync('ed25519').privateKey
  const asked: { url: string; token: string; body: { [name: string]: string } }[] = []
  let logins = 0
  let sign: (body: { [name: string]: string }) => object = (body) => {
    const key = decodeSshPublicKey(parseSshLine(body['public_key'] ?? '').blob)
    const made = signSshCertificate(
      {
        key,
        serial: 1n,
        type: 'user',
        keyId: 'vault',
        principals: [body['valid_principals'] ?? 'none'],
        validAfter: BigInt(nowMs / 1000),
        validBefore: BigInt(nowMs / 1000 + 100),
        criticalOptions: [],
        extensions: [],
      },
      authority,
    )
    return { data: { signed_key: `${sshCertificateLine(made)}\n` } }
  }
  const server = createServer((request, response) => {
    read(request).then((text) => {
      const body: { [name: string]: string } = text === '' ? {} : JSON.parse(text)
      asked.push({ url: request.url ?? '', token: String(request.headers['x-vault-token'] ?? ''), body })
      const answers: { readonly [path: string]: () => object } = {
        '/v1/ssh/sign/deploy': () => sign(body),
        '/v1/ssh/creds/otp': () => ({ data: { key: `otp-for-${body['ip']}` }, lease_duration: 3600 }),
        '/v1/auth/kubernetes/login': () => ({ auth: { client_token: `login-${++logins}`, lease_duration: 100 } }),
        '/v1/secret/data/x': () => ({ data: { data: { value: 'v' } } }),
      }
      const refused = body['jwt'] === 'bad'
      const answer = refused ? undefined : answers[request.url ?? '']
      response.writeHead(answer === undefined ? 403 : 200).end(JSON.stringify(answer?.() ?? { errors: ['canary'] }))
    }, assert.fail)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const answer = (next: typeof sign): void => {
    sign = next
  }
  return { url, asked, answer }
}
async function read(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

test("Vault's SSH engine signs a key that never leaves the gateway, and again before the certificate ends", async (t) => {
  const { url, asked, answer } = await vault(t)
  const environment = { VAULT_ADDR: url, VAULT_TOKEN: 'root' }
  const credentials = source(environment)
  const secret = await credentials.resolve('vault-ssh:ssh/deploy#ubuntu')
  const lines = secret.reveal().trimEnd().split('\n')
  const certificate = decodeSshCertificate(parseSshLine(lines.at(-1) ?? '').blob)
  assert.deepEqual(certificate.principals, ['ubuntu'])
  const parsed = ssh2.utils.parseKey(lines.slice(0, -1).join('\n'))
  assert.ok(!(parsed instanceof Error) && !Array.isArray(parsed))
  assert.deepEqual(parsed.getPublicSSH(), Buffer.from(certificate.key.blob))
  assert.doesNotMatch(JSON.stringify(asked), /PRIVATE/)
  assert.equal((await credentials.resolve('vault-ssh:ssh/deploy#ubuntu')).reveal(), secret.reveal())
  nowMs += 81_000
  assert.notEqual((await credentials.resolve('vault-ssh:ssh/deploy#ubuntu')).reveal(), secret.reveal())
  const foreign = lines.at(-1)
  for (const line of [foreign, 'canary', undefined]) {
    answer(() => ({ data: line === undefined ? {} : { signed_key: line } }))
    await refuses(source(environment), 'vault-ssh:ssh/deploy', /certificate/)
  }
  await refuses(source(environment), 'vault-ssh:deploy', /MOUNT\/ROLE/)
  await refuses(source(environment), 'vault-ssh:ssh/../sys/deploy', /dotted/)
})

test('a password that counts once is asked for each time', async (t) => {
  const { url, asked } = await vault(t)
  const credentials = source({ VAULT_ADDR: url, VAULT_TOKEN: 'root' })
  assert.equal((await credentials.resolve('vault-otp:ssh/otp#192.0.2.1')).reveal(), 'otp-for-192.0.2.1')
  await credentials.resolve('vault-otp:ssh/otp#192.0.2.1')
  assert.equal(asked.length, 2)
})

test('Vault is entered by the service account, once for as long as the login lasts', async (t) => {
  const { url, asked } = await vault(t)
  const jwt = join(folder, 'sa-token')
  writeFileSync(jwt, 'header.claims.signature\n')
  const environment = { VAULT_ADDR: url, VAULT_ROLE: 'gateway', VAULT_JWT_FILE: jwt }
  const credentials = source(environment)
  for (let at = 0; at < 3; at++) assert.equal((await credentials.resolve('vault:secret/data/x')).reveal(), 'v')
  nowMs += 81_000
  await credentials.resolve('vault:secret/data/x')
  assert.deepEqual(asked[0]?.body, { role: 'gateway', jwt: 'header.claims.signature' })
  assert.deepEqual(
    asked.map(({ token }) => token),
    ['', 'login-1', 'login-1', 'login-1', '', 'login-2'],
  )
  writeFileSync(jwt, 'bad')
  await refuses(source(environment), 'vault:secret/data/x', /403 to the login of the role gateway/)
  await refuses(source({ VAULT_ADDR: url }), 'vault:secret/data/x', /VAULT_TOKEN or VAULT_ROLE/)
})
