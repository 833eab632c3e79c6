// Recording in `serve`: the recorder of a configuration, and the anchors its signed heads go to.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AnchorConfig, Config, KeyServiceConfig } from '../../proxy/config/index.ts'
import {
  type Anchor,
  absentSessions,
  FolderStore,
  type KeyService,
  type KeyWrapper,
  keyCommand,
  LocalRecorder,
  leavesIn,
  type RecorderConfig,
  RecordingError,
  type RecordingStore,
  RetryingAnchor,
  restoreLog,
  retain,
  S3Store,
  SettledTime,
  Shipper,
  signerFromPem,
  toFile,
  toHttp,
  vaultTransit,
  WrappedKeys,
  wrapperFromKey,
} from '../../proxy/recording/index.ts'
import { errorFields, type Log } from '../../proxy/telemetry/index.ts'
import { resolveSecret } from './secrets.ts'

/** The recorder of a configuration, under the name that it signs with. */
export async function recorderOf(
  config: Config,
  log: Log,
  gateway: string = config.gateway.id,
): Promise<LocalRecorder> {
  const { recording } = config
  const onFault = (error: RecordingError): void => log.error({ code: error.code, ...causeOf(error) }, error.message)
  const shipping = await shippingOf(config, log, onFault)
  return new LocalRecorder({
    folder: spoolOf(config),
    gateway,
    sync: recording.sync,
    signer: signerFromPem(await resolveSecret(recording.signingKey)),
    wrapper: await wrapperOf(config, onFault),
    anchors: recording.anchors.map((anchor) => anchorOf(anchor, log)),
    segmentBytes: recording.segmentBytes,
    queueBytes: recording.queueBytes,
    ...shipping,
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    onFault,
  })
}

/** What wraps session keys. Rejects where a key service does not wrap a first one. */
async function wrapperOf(
  { recording: { encryptionKey, keyService } }: Config,
  onFault: (error: RecordingError) => void,
): Promise<KeyWrapper | undefined> {
  if (keyService === undefined)
    return encryptionKey === undefined ? undefined : wrapperFromKey(await resolveSecret(encryptionKey))
  const keys = new WrappedKeys(keyServiceOf(keyService), {
    delay: (ms) => delay(ms, undefined, { ref: false }),
    onFault,
  })
  await keys.start()
  return keys
}

/** The key service of a configuration. */
export function keyServiceOf(config: KeyServiceConfig): KeyService {
  if (config.kind === 'command') return keyCommand(config)
  const { url, mount, key, credential } = config
  return vaultTransit({ address: url, mount, key, token: () => resolveSecret(credential), fetch })
}

/** The folder that sessions are recorded into, and that holds the log. */
export function spoolOf({ recording: { store } }: Config): string {
  return store.kind === 'folder' ? store.path : store.spool
}

/** How often it is looked for recordings that were kept long enough. */
const retentionMs = 3_600_000

/** Removes recordings that were kept long enough, now and every hour. Returns what ends that. */
export function startRetention(config: () => Config, recorder: LocalRecorder, log: Log): () => Promise<void> {
  let round: Promise<void> = Promise.resolve()
  const time = new SettledTime(
    Date.now,
    () => performance.now(),
    (byMs) =>
      log.error({ seconds: Math.round(byMs / 1000) }, 'the clock was set forward: no recording is removed for a day'),
  )
  const next = (): void => {
    const isSettled = time.isSettled()
    const { retention } = config().recording
    if (!isSettled || (retention.days === undefined && retention.rules.length === 0)) return
    round = round
      .then(() =>
        retain({
          store: recordingStoreOf(config()),
          leaves: () => leavesIn(spoolOf(config())),
          tell: (leaf) => recorder.tell(leaf),
          isHeld: (session) => recorder.isHeld(session),
          rules: retention,
          labelsOf: (name) => config().resources.find((resource) => resource.name === name)?.labels,
          nowMs: Date.now,
        }),
      )
      .then((removed) => {
        if (removed > 0) log.info({ removed }, 'recordings were kept long enough')
      })
      .catch((error: unknown) => log.error(errorFields(error), 'recordings cannot be removed'))
  }
  next()
  const timer = setInterval(next, retentionMs).unref()
  return async () => {
    clearInterval(timer)
    await round
  }
}

/** Where a configuration keeps recordings. */
export function recordingStoreOf({ gateway, recording: { store } }: Config): RecordingStore {
  if (store.kind === 'folder') return new FolderStore(store.path)
  return new S3Store({
    endpoint: store.endpoint,
    bucket: store.bucket,
    prefix: `${store.prefix}${gateway.id}/`,
    credentials: async () => ({
      accessKeyId: await resolveSecret(store.accessKey),
      secretAccessKey: await resolveSecret(store.secretKey),
      region: store.region,
    }),
    fetch,
    nowMs: Date.now,
  })
}

/** What takes recordings from the spool to a store of objects; nothing where they stay in their folder. */
async function shippingOf(
  config: Config,
  log: Log,
  onFault: (error: RecordingError) => void,
): Promise<Pick<RecorderConfig, 'shipper' | 'rollMs' | 'absent'>> {
  const { store } = config.recording
  if (store.kind === 'folder') return {}
  const objects = recordingStoreOf(config)
  let absent: ReadonlySet<string> = new Set()
  try {
    await restoreLog(objects, store.spool)
    absent = await absentSessions(objects, store.spool)
  } catch (error) {
    // With a log of its own a gateway can record while the store is away; without one it would begin a second log.
    if (!existsSync(join(store.spool, 'log', 'leaves')) || isOtherLog(error)) throw error
    log.error(errorFields(error), 'the store of recordings cannot be asked')
  }
  return {
    shipper: new Shipper({
      folder: store.spool,
      store: objects,
      backlogBytesMax: store.backlogBytes,
      delay: (ms) => delay(ms, undefined, { ref: false }),
      onFault,
    }),
    rollMs: store.uploadMs,
    absent,
  }
}

function isOtherLog(error: unknown): boolean {
  return error instanceof RecordingError && error.code === 'damaged'
}

function causeOf({ cause }: RecordingError): { readonly cause?: string } {
  return cause instanceof Error ? { cause: cause.message } : {}
}

function anchorOf(config: AnchorConfig, log: Log): Anchor {
  const deliver =
    config.kind === 'file'
      ? toFile(config.path)
      : toHttp(config.url, {
          fetch,
          headers: async () =>
            config.credential === undefined
              ? {}
              : { authorization: `Bearer ${await resolveSecret(config.credential)}` },
        })
  return new RetryingAnchor({
    name: config.kind === 'file' ? config.path : new URL(config.url).host,
    deliver,
    delay: (ms) => delay(ms, undefined, { ref: false }),
    failed: (error) => log.error(errorFields(error.cause), error.message),
  })
}
