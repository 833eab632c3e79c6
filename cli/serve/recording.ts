// Recording in `serve`: the recorder of a configuration, and the anchors its signed heads go to.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AnchorConfig, Config } from '../../proxy/config/index.ts'
import {
  type Anchor,
  FolderStore,
  LocalRecorder,
  type RecorderConfig,
  RecordingError,
  type RecordingStore,
  RetryingAnchor,
  restoreLog,
  S3Store,
  Shipper,
  signerFromPem,
  toFile,
  toHttp,
  wrapperFromKey,
} from '../../proxy/recording/index.ts'
import { errorFields, type Log } from '../../proxy/telemetry/index.ts'
import { resolveSecret } from './secrets.ts'

/** The recorder of a configuration. */
export async function recorderOf(config: Config, log: Log): Promise<LocalRecorder> {
  const { recording } = config
  const onFault = (error: RecordingError): void => log.error({ code: error.code, ...causeOf(error) }, error.message)
  const shipping = await shippingOf(config, log, onFault)
  return new LocalRecorder({
    folder: recording.store.kind === 'folder' ? recording.store.path : recording.store.spool,
    gateway: config.gateway.id,
    sync: recording.sync,
    signer: signerFromPem(await resolveSecret(recording.signingKey)),
    wrapper:
      recording.encryptionKey === undefined ? undefined : wrapperFromKey(await resolveSecret(recording.encryptionKey)),
    anchors: recording.anchors.map((anchor) => anchorOf(anchor, log)),
    segmentBytes: recording.segmentBytes,
    queueBytes: recording.queueBytes,
    ...shipping,
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    onFault,
  })
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
): Promise<Pick<RecorderConfig, 'shipper' | 'rollMs'>> {
  const { store } = config.recording
  if (store.kind === 'folder') return {}
  const objects = recordingStoreOf(config)
  try {
    await restoreLog(objects, store.spool)
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
