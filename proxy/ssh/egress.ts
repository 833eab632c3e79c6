// What of a host's output a client may see: masks by detectors over the stream. A term that cannot be kept on a stream of
// bytes refuses the action.
import { createStreamMasker, type DetectRule, isDetectorName } from '../../engine/masking/index.ts'
import type { GateSession, Refusal, Terms } from '../gate/contract.ts'

/** One output stream: bytes in, bytes that may be shown out. */
export interface Egress {
  push(bytes: Buffer): Buffer
  end(): Buffer
  /** Shows what is held back, for a person who waits at a terminal. */
  release(): Buffer
  readonly held: boolean
}

/** How output is treated, or why the action cannot go. */
export type EgressPlan =
  | { readonly ok: true; readonly open: () => Egress; readonly masks: boolean }
  | { readonly ok: false; readonly refusal: Refusal }

const unchanged: Egress = {
  push: (bytes) => bytes,
  end: () => Buffer.alloc(0),
  release: () => Buffer.alloc(0),
  held: false,
}

/** The plan for what an action is allowed under, and its session, which is told how much was masked by which rule. */
export function egressOf(
  session: Pick<GateSession, 'terms' | 'masked'>,
  action: Terms,
  hashKey: Uint8Array,
): EgressPlan {
  const { masks, filters } = session.terms
  const rules: DetectRule[] = []
  for (const mask of [...masks, ...action.masks]) {
    // Columns and JSON paths name things that a command line does not have; to let the action go would be to guess.
    if (!('detect' in mask) || !isDetectorName(mask.detect))
      return refused(action, 'a mask of this rule cannot be kept on a terminal')
    rules.push({ detector: mask.detect, strategy: mask.with })
  }
  if (filters.length > 0 || action.filters.length > 0)
    return refused(action, 'a row filter cannot be kept on a terminal')
  if (rules.length === 0) return { ok: true, masks: false, open: () => unchanged }
  return {
    ok: true,
    masks: true,
    open: () => {
      const masker = createStreamMasker(rules, hashKey)
      const told = new Map<string, number>()
      const counted = (shown: Buffer): Buffer => {
        for (const [rule, count] of masker.counts) {
          const before = told.get(rule) ?? 0
          if (count > before) session.masked(rule, count - before)
          told.set(rule, count)
        }
        return shown
      }
      return {
        push: (bytes) => counted(masker.push(bytes)),
        end: () => counted(masker.end()),
        release: () => counted(masker.release()),
        get held() {
          return masker.held > 0
        },
      }
    },
  }
}

function refused({ decisionId }: Terms, message: string): EgressPlan {
  return {
    ok: false,
    refusal: {
      code: 'denied',
      decisionId,
      rule: 'sallyport.masking',
      message,
      hint: 'ask for a policy that masks by detector',
    },
  }
}
