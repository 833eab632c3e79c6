// `sallyport approvals verify`: holds what recordings keep of answers against the actions that were recorded, offline.
import { existsSync } from 'node:fs'
import { checkProof, type HeldAction } from '../../proxy/approvals/index.ts'
import { loadConfig } from '../../proxy/config/index.ts'
import {
  documentOf,
  folderOfSession,
  type RecordedIdentity,
  RecordingError,
  readEntries,
  recordedSessions,
  type StoredEntry,
  unwrapperFromKey,
} from '../../proxy/recording/index.ts'
import { approvalPeople } from '../serve/approvals.ts'
import { placeOf } from '../sessions/place.ts'
import { printable } from '../sessions/transcript.ts'
import { AdminError } from './client.ts'

type Keys = Parameters<typeof checkProof>[4]

/** Checks one session, or all. Exit 0 every answer holds, 2 one does not. */
export async function verifyAnswers(file: string | undefined, session: string | undefined): Promise<number> {
  const path = file ?? process.env['SALLYPORT_CONFIG'] ?? 'sallyport.yaml'
  const loaded = loadConfig(path)
  const place = loaded.ok ? placeOf({ config: path }, process.env) : undefined
  if (!loaded.ok || place === undefined)
    throw new AdminError(0, `${path} has mistakes; \`sallyport config check\` says which`)
  const { approvers, key } = await approvalPeople(loaded.config)
  const keys: Keys = { approvers: () => approvers, gatewayKey: () => key?.publicKey }
  const unwrapper = place.openKey === undefined ? undefined : unwrapperFromKey(place.openKey)
  if (!existsSync(place.dir)) throw new RecordingError('unreadable', `there is no folder ${place.dir}`)
  let isFine = true
  let answers = 0
  const asked =
    session === undefined ? recordedSessions(place.dir) : [{ folder: folderOfSession(place.dir, session), session }]
  for (const { folder, session: one } of asked)
    for (const line of await linesOf(one, readEntries(folder, one, unwrapper), keys)) {
      process.stdout.write(`${printable(line.text)}\n`)
      answers++
      isFine &&= line.ok
    }
  if (answers === 0) process.stdout.write(`${asked.length} sessions, in which nobody answered anything\n`)
  return isFine ? 0 : 2
}

interface Line {
  readonly ok: boolean
  readonly text: string
}

/** What one session comes to. One that cannot be read is told, and the others are checked all the same. */
async function linesOf(session: string, entries: Iterable<StoredEntry>, keys: Keys): Promise<readonly Line[]> {
  try {
    return await checkSession(session, entries, keys)
  } catch (error) {
    if (!(error instanceof RecordingError) || error.code === 'wrong_key') throw error
    return [{ ok: false, text: `${session}  NOT PROVED: ${error.message}` }]
  }
}

async function checkSession(session: string, entries: Iterable<StoredEntry>, keys: Keys): Promise<readonly Line[]> {
  const lines: Line[] = []
  const actions: HeldAction[] = []
  let identity: RecordedIdentity | undefined
  for (const { entry, wallMs } of entries) {
    if (entry.kind === 'identity') identity = entry
    if (entry.kind === 'action' && entry.decision.effect === 'hold' && identity !== undefined) {
      const { decision } = entry
      actions.push({
        document: documentOf(identity, entry),
        holds: decision.holds,
        bundleDigest: decision.bundle.digest,
      })
    }
    if (entry.kind !== 'hold' || (entry.event !== 'approved' && entry.event !== 'denied')) continue
    const proved = await checkProof(entry.detail, entry.holdId, entry.event, actions, keys, wallMs)
    const what = proved.ok ? `${entry.event}${proved.by.length === 0 ? '' : ` by ${proved.by.join(', ')}`}` : proved.why
    lines.push({ ok: proved.ok, text: `${session}  hold ${entry.holdId}  ${proved.ok ? what : `NOT PROVED: ${what}`}` })
  }
  return lines
}
