// Recording in `serve`: the recorder of a configuration, and the anchors its signed heads go to.
import { setTimeout as delay } from 'node:timers/promises'
import type { AnchorConfig, Config } from '../../proxy/config/index.ts'
import {
  type Anchor,
  LocalRecorder,
  RetryingAnchor,
  signerFromPem,
  toFile,
  toHttp,
  wrapperFromKey,
} from '../../proxy/recording/index.ts'
import { errorFields, type Log } from '../../proxy/telemetry/index.ts'
import { UnsupportedError } from './parts.ts'
import { resolveSecret } from './secrets.ts'

/** The recorder of a configuration. */
export async function recorderOf(config: Config, log: Log): Promise<LocalRecorder> {
  const { recording } = config
  if (recording.store.kind !== 'folder')
    throw new UnsupportedError('recordings can only be kept in a folder by this version')
  return new LocalRecorder({
    folder: recording.store.path,
    gateway: config.gateway.id,
    sync: recording.sync,
    signer: signerFromPem(await resolveSecret(recording.signingKey)),
    wrapper:
      recording.encryptionKey === undefined ? undefined : wrapperFromKey(await resolveSecret(recording.encryptionKey)),
    anchors: recording.anchors.map((anchor) => anchorOf(anchor, log)),
    segmentBytes: recording.segmentBytes,
    queueBytes: recording.queueBytes,
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    onFault: (error) => log.error({ code: error.code }, error.message),
  })
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
