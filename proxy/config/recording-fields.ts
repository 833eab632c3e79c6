// The keys below `recording`.
import {
  bucket,
  choice,
  day,
  GiB,
  integer,
  list,
  map,
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
import type * as types from './recording-types.ts'
import type { Fields } from './shape.ts'

type Store<Kind> = Extract<types.RecordingStore, { readonly kind: Kind }>
const folderStore: Fields<Store<'folder'>> = {
  kind: tag('kind'),
  path: path('folder of the recordings', { otherwise: '.sallyport/recordings' }),
}
const s3Store: Fields<Store<'s3'>> = {
  kind: tag('kind'),
  ...bucket,
  spool: path('folder for segments on their way', { otherwise: '.sallyport/spool' }),
  prefix: text('prefix of object keys; the name of the gateway follows it', { otherwise: 'recordings/' }),
  backlogBytes: size('closed segments that may wait for the store', 1024 * GiB, { otherwise: '1GiB' }),
  uploadMs: time('how long a segment stays on this machine only', day, { otherwise: '1m' }),
}
type Anchor<Kind> = Extract<types.AnchorConfig, { readonly kind: Kind }>
const fileAnchor: Fields<Anchor<'file'>> = {
  kind: tag('kind'),
  path: path('file that takes signed tree heads, a line each; best on another machine'),
}
const httpAnchor: Fields<Anchor<'http'>> = {
  kind: tag('kind'),
  url: url('where signed tree heads are posted'),
  credential: secret('bearer token', optional),
}

type Service<Kind> = Extract<types.KeyServiceConfig, { readonly kind: Kind }>
const vaultTransit: Fields<Service<'vault_transit'>> = {
  kind: tag('kind'),
  url: url("Vault's address"),
  mount: text('where the transit engine is mounted', { otherwise: 'transit' }),
  key: text('name of the wrapping key'),
  credential: secret('token that may encrypt with it, and decrypt to read'),
}
const keyCommand: Fields<Service<'command'>> = {
  kind: tag('kind'),
  wrap: list('program and arguments that wrap a key: base64 in, base64 out', text('an argument'), { min: 1 }),
  unwrap: list('program and arguments that unwrap one; only who reads needs it', text('an argument')),
}

const days = integer('days', 1, 36_500)
const rule: Fields<types.RetentionConfig['rules'][number]> = {
  labels: map('labels that the resource must have', text('a value')),
  days,
}
const retention: Fields<types.RetentionConfig> = {
  days: { ...days, about: 'days that recordings are kept where no rule fits; absent means for ever', optional: true },
  rules: list('the first rule that fits counts', object('a rule', rule)),
}

/** The keys below `recording`. */
export const recording: Fields<types.RecordingConfig> = {
  store: {
    kind: 'variants',
    tag: 'kind',
    about: 'where recordings are kept',
    cases: { folder: folderStore, s3: s3Store },
    otherwise: { kind: 'folder' },
  },
  sync: choice(
    'when an entry counts as kept: on disk one by one, on disk a few at once (up to 5 ms), or with the system',
    ['each', 'group', 'os'],
    { otherwise: 'group' },
  ),
  signingKey: secret('Ed25519 private key that signs checkpoints'),
  encryptionKey: secret('key under which session keys are sealed; absent means not encrypted at rest', optional),
  keyService: {
    kind: 'variants',
    tag: 'kind',
    about: 'who wraps session keys; `encryption_key` beside it only opens older recordings',
    cases: { vault_transit: vaultTransit, command: keyCommand },
    optional: true,
  },
  segmentBytes: size('size at which a segment is closed', GiB, { otherwise: '64MiB' }),
  queueBytes: size('bytes that may wait for the disk', GiB, { otherwise: '32MiB' }),
  retention: object('how long recordings are kept', retention, { otherwise: {} }),
  anchors: list('where signed tree heads go, so that a log cut short is found', {
    kind: 'variants',
    tag: 'kind',
    about: 'an anchor',
    cases: { file: fileAnchor, http: httpAnchor },
  }),
}
