// SFTP requests as actions: what is done to which path of the host.
import type { ShellFacts } from '../../../engine/action/index.ts'
import type { GateSession, Refusal, Submission, Terms } from '../../gate/contract.ts'
import { holdText } from '../channel.ts'
import type { PathRequest } from './messages.ts'
import type { Places } from './paths.ts'

type Action = Parameters<GateSession['submit']>[0]

/** What a request does, in the words of policy. */
export type SftpVerb = PathRequest['kind'] | 'read' | 'write' | 'fsetstat' | 'copy-data'

const reading: ReadonlySet<SftpVerb> = new Set(['opendir', 'lstat', 'stat', 'statvfs', 'realpath', 'readlink', 'read'])

/** Ways to open a file (draft-ietf-secsh-filexfer-02 6.3). */
const openFlags = [
  [1, 'read'],
  [2, 'write'],
  [4, 'append'],
  [8, 'create'],
  [16, 'truncate'],
  [32, 'exclusive'],
] as const

/** The flags of a request, in words. */
export function flagsOf(request: PathRequest): readonly string[] {
  const words = 'attributes' in request ? request.attributes.words : []
  if (request.kind !== 'open') return words
  return [...openFlags.filter(([bit]) => (request.flags & bit) !== 0).map(([, name]) => name), ...words]
}

/** The action of a request at the places where it happens. */
export function sftpAction(verb: SftpVerb, places: Places, flags: readonly string[]): Action {
  const { path, asked, target, doubt } = places
  const isReading = verb === 'open' ? flags.every((flag) => flag === 'read') : reading.has(verb)
  const reasons = doubt === undefined ? [] : [doubt]
  const file: NonNullable<ShellFacts['file']> = {
    verb,
    path,
    ...(asked === path ? {} : { asked }),
    ...(target === undefined ? {} : { target }),
    flags,
  }
  const suffix = `${target === undefined ? '' : ` to ${target}`}${flags.length === 0 ? '' : ` (${flags.join(' ')})`}`
  const complete = reasons.length === 0
  return {
    stage: 'request',
    verb: isReading ? 'read' : 'write',
    operation: 'sftp',
    text: `${verb} ${path}${suffix}`,
    complete,
    shell: { operation: 'sftp', commands: [], redirects: [], complete, reasons, file },
  }
}

/** What came of judging one request. */
export type Judged =
  | { readonly ok: true; readonly terms: Terms; readonly submission: () => Submission | undefined }
  | { readonly ok: false; readonly refusal: Refusal }

/** Judges one action; what is allowed is in `running` until it is finished. */
export function judge(
  session: GateSession,
  action: Action,
  running: Set<Submission>,
  on: { readonly tell: (text: string) => void; readonly stop: (refusal: Refusal) => void },
): Promise<Judged> {
  return new Promise((resolve) => {
    let submission: Submission | undefined
    let isRefused = false
    submission = session.submit(
      action,
      {},
      {
        forward: (terms) => resolve({ ok: true, terms, submission: () => submission }),
        refuse: (refusal) => {
          isRefused = true
          if (submission !== undefined) running.delete(submission)
          resolve({ ok: false, refusal })
        },
        held: (notice) => on.tell(holdText(notice)),
        stop: on.stop,
      },
    )
    if (!isRefused) running.add(submission)
  })
}
