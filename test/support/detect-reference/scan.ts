// Reference of the matcher: every trigger is asked about, over the whole text at once.
import { createHash } from 'node:crypto'
import { Automaton, unknownState } from '../../../engine/masking/detect/automaton.ts'
import { type Detector, found, type Hit, type Look } from '../../../engine/masking/detect/detector.ts'
import { email, ip } from './addresses.ts'
import { creditCard } from './cards.ts'
import { iban } from './iban.ts'
import { phone, ssn } from './numbers.ts'
import { secret } from './secrets.ts'
import { awsKey, azureKey, gcpKey, githubToken, jwt, privateKey, slackToken, stripeKey } from './tokens.ts'

/** The reference of the built-in detectors, in the order of their names. */
export const references: readonly Detector[] = [
  ...[awsKey, azureKey, creditCard, email, gcpKey, githubToken, iban, ip],
  ...[jwt, phone, privateKey, secret, slackToken, ssn, stripeKey],
]

/** One thing found: of which detector, from where to where, and what it goes on with. */
export interface Found {
  readonly detector: number
  readonly start: number
  readonly end: number
  /** What its tail makes of each byte, after none and after one. */
  readonly tail: string
}

/** How a tail answers, as text. */
export function tailText(tail: Hit['tail']): string {
  if (tail === undefined) return ''
  const known = tailTexts.get(tail)
  if (known !== undefined) return known
  const steps = Array.from({ length: 256 }, (_, byte) => `${tail.step(0, byte)}${tail.step(3, byte)}`).join()
  const text = createHash('sha256').update(steps).digest('hex').slice(0, 8)
  tailTexts.set(tail, text)
  return text
}

const tailTexts = new WeakMap<object, string>()

/** Each thing found once, in one order: how often a look is asked about the same value is its own affair. */
export function unique(all: readonly Found[]): readonly string[] {
  return [...new Set(all.map(({ detector, start, end, tail }) => `${start}-${end} ${detector} ${tail}`))].sort()
}

/** Everything that is found in a text. */
export function scanPlainly(text: Uint8Array): readonly string[] {
  const view = Buffer.concat([text, Buffer.alloc(64, 0x0a)])
  const all: Found[] = []
  let state = automaton.initial
  for (let at = 1; at <= text.length + 1; at++) {
    state = after(state, automaton.classes[view[at - 1] ?? 0] ?? 0)
    for (const owner of automaton.matched(state)) {
      const asked = looks[owner]
      if (asked === undefined) continue
      const hit: Hit = { start: at, end: at, tail: undefined, judged: at }
      if (asked.look(view, at, text.length, true, hit) !== found) continue
      all.push({ detector: asked.detector, start: hit.start, end: hit.end, tail: tailText(hit.tail) })
    }
  }
  return unique(all)
}

function after(state: number, byteClass: number): number {
  const known = automaton.table[(state >> 2) + byteClass] ?? unknownState
  if (known === unknownState) return automaton.learn(state, byteClass)
  return known < 0 ? -2 - known : known
}

const looks: { readonly detector: number; readonly look: Look }[] = []
const triggers: ConstructorParameters<typeof Automaton>[0][number][] = []
for (const [detector, { looks: own }] of references.entries())
  for (const { triggers: patterns, look } of own) {
    if (typeof look !== 'function') continue
    for (const pattern of patterns) triggers.push({ pattern, owner: looks.length, group: 1 })
    looks.push({ detector, look })
  }
const automaton = new Automaton(triggers)
