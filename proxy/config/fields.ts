// Every key of sallyport.yaml: what it may hold, its default, and a line about it. The one source of truth from which
// the reader, `config show` and fixtures/schema/config.v1.json come; `Fields<T>` ties it to the types.

import { approvals } from './approval-fields.ts'
import {
  bucket,
  choice,
  day,
  flag,
  integer,
  list,
  map,
  minute,
  named,
  object,
  optional,
  path,
  secret,
  size,
  tag,
  text,
  time,
  url,
} from './field-kinds.ts'
import { algorithms, identity } from './identity-fields.ts'
import { gatewayFields } from './processes.ts'
import { recording } from './recording-fields.ts'
import type { AnyFields, Field, Fields } from './shape.ts'
import type * as types from './types.ts'

const address: Field = { kind: 'address', about: '`host:port`; port 0 asks for a free one' }
const port = (otherwise: number) => integer('its TCP port', 1, 65535, { otherwise })

const serverTls: Fields<types.ServerTls> = {
  certificate: path('PEM file with the certificate chain'),
  key: secret('private key of the certificate, PEM'),
  clientCa: path('PEM file of authorities for client certificates; absent means none are asked for', optional),
  minVersion: choice('oldest TLS version', ['TLSv1.2', 'TLSv1.3'], { otherwise: 'TLSv1.2' }),
}
const clientTls: Fields<types.ClientTls> = {
  mode: choice(
    '`verify-full` checks chain and name, `require` only encrypts, `disable` speaks in clear',
    ['verify-full', 'require', 'disable'],
    { otherwise: 'verify-full' },
  ),
  ca: path('PEM file of authorities for the upstream', optional),
  serverName: text('name that the certificate must carry, where it is not the host itself', optional),
  certificate: path('PEM file with a client certificate', optional),
  key: secret('private key of the client certificate', optional),
}
const upstreamTls = object('TLS towards the upstream', clientTls, { otherwise: {} })
const listenerTls = object('TLS towards clients', serverTls, optional)

const listenerBase = {
  name: named('name of the listener'),
  address,
  resources: list('names of the resources reachable here; empty means all of the protocol', named('a resource')),
  connectionsMax: integer('connections at once', 1, 100_000, { otherwise: 1000 }),
  handshakeMs: time('time a client has to prove who it is', 5 * minute, { otherwise: '30s' }),
}
const cleartext = flag('accept clients without TLS on other than loopback addresses', false)

const postgresListener: Fields<types.PostgresListener> = {
  protocol: tag('protocol'),
  ...listenerBase,
  tls: listenerTls,
  cleartext,
  oauth: object(
    'take tokens by OAUTHBEARER, as clients of PostgreSQL 18 bring them, instead of as a password',
    {
      issuer: named('name of the issuer that clients are sent to'),
      scope: text('scopes that clients are told to ask for', { otherwise: 'openid' }),
    } satisfies Fields<NonNullable<types.PostgresListener['oauth']>>,
    optional,
  ),
}
const kubernetesListener: Fields<types.KubernetesListener> = {
  protocol: tag('protocol'),
  ...listenerBase,
  tls: listenerTls,
  cleartext,
}
const httpListener: Fields<types.HttpListener> = {
  protocol: tag('protocol'),
  ...listenerBase,
  tls: listenerTls,
  cleartext,
  tokenHeader: text("header that carries a client's token", { otherwise: 'authorization' }),
  extAuthz: flag(
    'Envoy asks here about requests that it passes itself (ext_authz over gRPC); nothing is passed on',
    false,
  ),
  forwardProxy: object(
    'clients may use the gateway as their proxy (CONNECT and absolute targets), towards the hosts of its resources only',
    {
      certificate: path('PEM file with the certificate by which the gateway answers for those hosts'),
      key: secret('its private key'),
    } satisfies Fields<NonNullable<types.HttpListener['forwardProxy']>>,
    optional,
  ),
}
const sshListener: Fields<types.SshListener> = {
  protocol: tag('protocol'),
  ...listenerBase,
  hostKeys: list('private host keys, OpenSSH or PEM', secret('a host key'), { min: 1 }),
  hostCertificates: list(
    'certificates of those keys for hosts (`ssh-keygen -s AUTHORITY -h`), a file each',
    path('a certificate file, `-cert.pub`'),
  ),
  enrolledKeys: path(
    'file of keys, `ISSUER SUBJECT ALGORITHM BASE64` a line; with it a token counts only with a key of its subject',
    optional,
  ),
  userAuthorities: list(
    'public keys of authorities for short-lived user certificates, a file each',
    path('a public key file'),
  ),
}
const identityListener: Fields<types.IdentityListener> = {
  protocol: tag('protocol'),
  name: named('name of the listener', { otherwise: 'identity' }),
  address,
  tls: listenerTls,
  cleartext,
  connectionsMax: integer('connections at once', 1, 100_000, { otherwise: 1000 }),
}
const adminListener: Fields<types.AdminListener> = {
  protocol: tag('protocol'),
  name: named('name of the listener', { otherwise: 'admin' }),
  address,
  tls: listenerTls,
  token: secret('bearer token for all but /healthz and /readyz', optional),
}

const total = (about: string): Field => integer(about, 0, Number.MAX_SAFE_INTEGER, optional)
const totals: Fields<types.TotalsConfig> = {
  rows: total('rows returned'),
  bytes: total('bytes returned'),
  affected: total('rows changed'),
  seconds: total('seconds'),
  actions: total('actions'),
}
const masking: Fields<types.MaskingConfig> = {
  hashKey: secret(
    'key of the strategies `hash` and `tokenize`, so that joins still work and tokens can be turned back; absent means one of the process',
    optional,
  ),
  unmaskScope: text(
    'scope of the identities that may ask for what tokens stand for, if the policy allows `unmask`; absent means nobody',
    optional,
  ),
}
const recorded: Fields<types.ResourceRecording> = {
  wire: flag('keep protocol frames', true),
  terminal: flag('keep terminal output', true),
}
const resourceBase = {
  name: named('name by which clients and policies know it'),
  labels: map('labels that policies read', text('a value')),
  masking: object('masking, where the policy cannot say it', masking, { otherwise: {} }),
  recording: object('what is recorded beside actions and decisions', recorded, { otherwise: {} }),
  limits: object('totals of one session', totals, { otherwise: {} }),
}
const connectMs = time('time to connect', 5 * minute, { otherwise: '10s' })
const postgresResource: Fields<types.PostgresResource> = {
  protocol: tag('protocol'),
  ...resourceBase,
  upstream: object('the server', {
    host: text('its host name or address'),
    port: port(5432),
    database: text('name of the database'),
    user: text('role that the gateway logs in as'),
    credential: secret('password of that role', optional),
    tls: upstreamTls,
    connectMs,
    protection: choice(
      'where masked relations are replaced: in the statement, or by provisioned views',
      ['inline', 'views'],
      {
        otherwise: 'inline',
      },
    ),
    rowEstimates: flag('EXPLAIN what is held, so that approvers see how many rows the planner expects', false),
    catalogRefreshMs: time('age at which the catalog is read again', day, { otherwise: '5m' }),
    warmMs: time(
      'how long a connection waits for the next client of the same identity, after DISCARD ALL; `0s` keeps none',
      10 * minute,
      { otherwise: '0s', mayBeZero: true },
    ),
  } satisfies Fields<types.PostgresResource['upstream']>),
}
const sshResource: Fields<types.SshResource> = {
  protocol: tag('protocol'),
  ...resourceBase,
  shells: list('ways to have a shell, tried in order', choice('a way', ['record', 'lines', 'wrapper']), {
    min: 1,
    otherwise: ['record'],
  }),
  upstream: object('the host', {
    host: text('its host name or address'),
    port: port(22),
    user: text('user that the gateway logs in as'),
    credential: secret('private key or password'),
    credentialKind: choice('what the credential is', ['key', 'password'], { otherwise: 'key' }),
    knownHosts: path('known_hosts file that must hold its key; `@cert-authority` lines count'),
    connectMs,
    warmMs: time('how long a connection waits for the next client of the same identity; `0s` keeps none', 10 * minute, {
      otherwise: '1m',
      mayBeZero: true,
    }),
  } satisfies Fields<types.SshResource['upstream']>),
}
const kubernetesResource: Fields<types.KubernetesResource> = {
  protocol: tag('protocol'),
  ...resourceBase,
  shells: list('ways to have a shell of a pod, tried in order', choice('a way', ['record', 'lines', 'wrapper']), {
    min: 1,
    otherwise: ['record'],
  }),
  upstream: object('the API server', {
    server: url('URL of the API server'),
    cluster: named('name of the cluster'),
    hosts: list('Host headers that mean this cluster', text('a host')),
    credential: secret('bearer token of the account that requests are made with', optional),
    impersonate: object(
      'whom the cluster is told that requests are made as',
      {
        on: flag('impersonate; otherwise everything is sent as the account of the gateway', true),
        userPrefix: text('what stands before the subject of an identity', { otherwise: 'sallyport:' }),
        groupPrefix: text('what stands before its groups', { otherwise: 'sallyport:' }),
        groups: list('groups that every identity is put into', text('a group')),
        extra: flag('also tell session and delegation chain as extra fields', false),
      } satisfies Fields<types.KubernetesImpersonation>,
      { otherwise: {} },
    ),
    serviceAccounts: list(
      'service accounts that identities act as (TokenRequest), instead of being impersonated: the first whose group is theirs',
      object('a service account', {
        group: text('group of identities'),
        namespace: text('its namespace'),
        name: text('its name'),
      } satisfies Fields<types.KubernetesResource['upstream']['serviceAccounts'][number]>),
    ),
    tokenSeconds: integer('life of their tokens in seconds', 600, 86_400, { otherwise: 3600 }),
    tls: upstreamTls,
    connectMs,
  } satisfies Fields<types.KubernetesResource['upstream']>),
}
const httpResource: Fields<types.HttpResource> = {
  protocol: tag('protocol'),
  ...resourceBase,
  upstream: object('the API', {
    url: url('base URL'),
    hosts: list('Host headers that mean this resource', text('a host')),
    pathPrefix: text('path prefix that means this resource', { otherwise: '/' }),
    credential: secret('credential that requests are sent with', optional),
    credentialHeader: text('header that carries the credential', { otherwise: 'authorization' }),
    credentialPrefix: text('what stands before the credential in that header', {
      form: 'may_be_empty',
      otherwise: 'Bearer ',
    }),
    credentialUser: text('user of Basic authentication, of which the credential is the password', optional),
    credentialQuery: text('parameter of the query that carries the credential, instead of a header', optional),
    aws: object(
      'requests are signed for AWS (Signature Version 4), instead of a credential',
      {
        region: text('region of the service'),
        service: text('name of the service in signatures'),
        accessKey: secret('access key id'),
        secretKey: secret('secret access key'),
        sessionToken: secret('session token of temporary keys', optional),
      } satisfies Fields<NonNullable<types.HttpResource['upstream']['aws']>>,
      optional,
    ),
    tls: upstreamTls,
    connectMs,
    linkLocal: flag('the API may be at a link-local or metadata address', false),
    http2: flag('requests go there in HTTP/2, which servers of gRPC need', false),
    openapi: path('OpenAPI 3 document, JSON or YAML: its routes and operations become facts', optional),
  } satisfies Fields<types.HttpResource['upstream']>),
}

type Source<Kind> = Extract<types.BundleSourceConfig, { readonly kind: Kind }>
const pollMs = time('time between looks', day, { otherwise: '30s' })
const sourceName = named('name of the source')
const onDisk = {
  kind: tag('kind'),
  name: sourceName,
  path: path('where the policy lies'),
}
const folderSource: Fields<Source<'folder'>> = onDisk
const fileSource: Fields<Source<'file'>> = onDisk
const httpSource: Fields<Source<'http'>> = {
  kind: tag('kind'),
  name: sourceName,
  url: url('URL of the bundle'),
  credential: secret('bearer token', optional),
  pollMs,
  longPoll: flag('ask the server to hold the answer until something is new', false),
  ca: path('PEM file of authorities', optional),
}
const ociSource: Fields<Source<'oci'>> = {
  kind: tag('kind'),
  name: sourceName,
  image: text('image, as `registry/repository:tag`'),
  credential: secret('registry credential, `user:password` or a token', optional),
  pollMs,
  ca: path('PEM file of authorities', optional),
}
const s3Source: Fields<Source<'s3'>> = {
  kind: tag('kind'),
  name: sourceName,
  ...bucket,
  key: text('object key'),
  pollMs,
}
const bundleKey: Fields<types.BundleKey> = {
  id: text('key id'),
  algorithm: choice('signature algorithm', [...algorithms, 'HS256', 'HS384', 'HS512'], { otherwise: 'EdDSA' }),
  publicKey: path('PEM file with the public key', optional),
  secret: secret('shared key, for HMAC only', optional),
  scope: text('scope that a signature must name', optional),
}
const bundles: Fields<types.BundlesConfig> = {
  sources: list('where policies come from', {
    kind: 'variants',
    tag: 'kind',
    about: 'a source',
    cases: { folder: folderSource, file: fileSource, http: httpSource, oci: ociSource, s3: s3Source },
  }),
  keys: list('keys that bundles are signed with', object('a key', bundleKey)),
  signed: flag('take only signed bundles; `false` is for folders on a machine of your own', true),
  minimumRevision: text(
    'oldest revision, a whole number, that is activated; with it none is that is older than one before',
    optional,
  ),
  shadow: named('source that judges without effect', optional),
  cache: path('folder in which the last known good bundle is kept', { otherwise: '.sallyport/bundles' }),
  witness: {
    kind: 'number',
    min: 0,
    max: 1,
    about: 'share of decisions that the interpreter makes once more, to compare',
    otherwise: 0.001,
  },
}

type Storage<Kind> = Extract<types.StorageConfig, { readonly kind: Kind }>
const embeddedStorage: Fields<Storage<'embedded'>> = {
  kind: tag('kind'),
  path: path('file', { otherwise: '.sallyport/state.db' }),
}
const postgresStorage: Fields<Storage<'postgres'>> = {
  kind: tag('kind'),
  host: text('its host name or address'),
  port: port(5432),
  database: text('name of the database'),
  user: text('role that the gateway logs in as'),
  credential: secret('password of that role'),
  tls: upstreamTls,
  connectionsMax: integer('connections', 1, 100, { otherwise: 4 }),
}
const limits: Fields<types.LimitsConfig> = {
  sessionsMax: integer('sessions at once', 1, 10_000, { otherwise: 10_000 }),
  holdsMax: integer('holds at once; one delegation root has at most as many as are free', 1, 2000, { otherwise: 2000 }),
  holdsPerSessionMax: integer('holds of one session at once', 1, 16, { otherwise: 16 }),
  recordMs: time('time an action waits for its record', minute, { otherwise: '5s' }),
  messageBytes: size('largest message', 64 * 2 ** 20, { otherwise: '64MiB' }),
  drainMs: time('time that running actions get at the end', 10 * minute, { otherwise: '30s' }),
  idleMs: time('time after which a session ends in which nothing runs, waits or passes', 7 * day, { otherwise: '1h' }),
  session: object('totals of one session', totals, { otherwise: {} }),
  root: object('totals below one outermost delegator', totals, { otherwise: {} }),
  rootWindowMs: time('window of those totals', 30 * day, { otherwise: '1d' }),
}
const logs: Fields<types.TelemetryConfig['logs']> = {
  level: choice('least level that is written', ['debug', 'info', 'warn', 'error'], { otherwise: 'info' }),
  file: path('file; absent means standard error', optional),
}
const traces: Fields<NonNullable<types.TelemetryConfig['traces']>> = {
  endpoint: url('OTLP/HTTP endpoint, such as http://127.0.0.1:4318'),
  credential: secret('bearer token', optional),
  ratio: { kind: 'number', min: 0, max: 1, about: 'share of sessions that are traced', otherwise: 1 },
  queueMax: integer('spans that may wait', 1, 100_000, { otherwise: 2048 }),
}
const upload: Fields<NonNullable<types.TelemetryConfig['decisionLog']['http']>> = {
  url: url('where batches are posted'),
  credential: secret('bearer token', optional),
  queueMax: integer('decisions that may wait', 1, 1_000_000, { otherwise: 10_000 }),
  uploadBytes: size('largest batch before compression', 16 * 2 ** 20, { otherwise: '256KiB' }),
  intervalMs: time('time between batches', 10 * minute, { otherwise: '5s' }),
}
const decisionLog: Fields<types.TelemetryConfig['decisionLog']> = {
  console: flag('write decisions to standard output', false),
  file: path('append decisions to this file', optional),
  http: object('send decisions to a service', upload, optional),
  erase: list('JSON pointers below /input and /result to erase', { kind: 'text', form: 'pointer', about: 'a pointer' }),
  labels: map('labels of every event', text('a value')),
}
const telemetry: Fields<types.TelemetryConfig> = {
  logs: object('logs of the process', logs, { otherwise: {} }),
  traces: object('OpenTelemetry traces', traces, optional),
  decisionLog: object('decision log', decisionLog, { otherwise: {} }),
}

const root: Fields<types.Config> = {
  version: choice('version of the form of this file', [1]),
  gateway: object('the gateway itself', gatewayFields, { otherwise: {} }),
  listeners: list(
    'where clients connect',
    {
      kind: 'variants',
      tag: 'protocol',
      about: 'a listener',
      cases: {
        postgres: postgresListener,
        ssh: sshListener,
        kubernetes: kubernetesListener,
        http: httpListener,
        admin: adminListener,
        identity: identityListener,
      },
    },
    { min: 1 },
  ),
  identity: object('who is believed', identity, { otherwise: {} }),
  resources: list('what can be acted on', {
    kind: 'variants',
    tag: 'protocol',
    about: 'a resource',
    cases: { postgres: postgresResource, ssh: sshResource, kubernetes: kubernetesResource, http: httpResource },
  }),
  bundles: object('policies: from where, signed by whom, how fresh', bundles),
  storage: {
    kind: 'variants',
    tag: 'kind',
    about: 'where shared state is kept: holds, revocations, totals',
    cases: { embedded: embeddedStorage, postgres: postgresStorage },
    otherwise: { kind: 'embedded' },
  },
  recording: object('what is kept of every session, and how', recording),
  approvals: object('who may answer holds, and who is told', approvals, { otherwise: {} }),
  limits: object('bounds of the gateway', limits, { otherwise: {} }),
  telemetry: object('logs, metrics, traces, decision log', telemetry, { otherwise: {} }),
}

/** The whole file. */
export const configFields: AnyFields = root
