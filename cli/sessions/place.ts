// Where recordings are and by which keys they are read: said one by one, or taken from the gateway's configuration.
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type KeyServiceConfig, loadConfig } from '../../proxy/config/index.ts'
import { RecordingError } from '../../proxy/recording/index.ts'
import { configNearby } from '../config/place.ts'

/** What the command line said. */
export interface PlaceAsked {
  readonly dir?: string
  readonly key?: string
  readonly openKey?: string | undefined
  readonly config?: string
}

/** The folder, and the keys as texts. */
export interface Place {
  readonly dir: string
  /** The public key that verifies, PEM. */
  readonly checkKey?: string
  /** The key that opens sealed recordings. */
  readonly openKey?: string
  /** Who unwraps session keys, where no key at hand does. */
  readonly keyService?: KeyServiceConfig
}

/** Where recordings are; undefined when neither a folder nor a configuration was named. Keys that are named win. */
export function placeOf(asked: PlaceAsked, environment: NodeJS.ProcessEnv): Place | undefined {
  const key = asked.key === undefined ? undefined : readFileSync(asked.key, 'utf8')
  const openKey = asked.openKey === undefined ? undefined : readFileSync(asked.openKey, 'utf8')
  const given = {
    ...(key === undefined ? {} : { checkKey: key }),
    ...(openKey === undefined ? {} : { openKey }),
  }
  if (asked.dir !== undefined) return { dir: asked.dir, ...given }
  const file = asked.config ?? configNearby(environment)
  if (file === undefined) return undefined
  const loaded = loadConfig(file, environment)
  if (!loaded.ok) throw new RecordingError('unreadable', `${file} has mistakes; \`sallyport config check\` says which`)
  const { store, signingKey, encryptionKey, keyService } = loaded.config.recording
  if (store.kind !== 'folder')
    throw new RecordingError(
      'unreadable',
      `${file} keeps recordings in an object store; \`sallyport sessions fetch\` brings them`,
    )
  const signer = fileOf(signingKey)
  const sealer = fileOf(encryptionKey)
  return {
    dir: store.path,
    ...(signer === undefined ? {} : { checkKey: publicKeyOf(readFileSync(signer, 'utf8')) }),
    ...(sealer === undefined ? {} : { openKey: readFileSync(sealer, 'utf8') }),
    ...(keyService === undefined ? {} : { keyService }),
    ...given,
  }
}

/** The file behind a reference; a key that is kept elsewhere has to be named on the command line. */
function fileOf(reference: string | undefined): string | undefined {
  return reference?.startsWith('file:') === true ? reference.slice('file:'.length) : undefined
}

function publicKeyOf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
}
