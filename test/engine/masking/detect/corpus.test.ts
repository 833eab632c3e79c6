// Recall and precision of the detectors over the generated corpus.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStreamMasker, type DetectorName, detectorNames } from '../../../../engine/masking/index.ts'
import { labelled } from '../../../support/detect-corpus.ts'

const lines = 100_000
const seed = 20_261_121
const key = new Uint8Array(32)
const mark = '\u00a4'

test('finds at least 99.5% of the values and is right in at least 99% of what it masks', (context) => {
  const rules = detectorNames.map((detector) => ({ detector, strategy: `fixed:${mark}` }))
  const missed = new Map<string, string[]>()
  let [values, found, masked, wrong] = [0, 0, 0, 0]
  const wrongs: string[] = []
  const note = (name: DetectorName | 'decoy', line: string): void => {
    const list = missed.get(name) ?? []
    list.push(line)
    missed.set(name, list)
  }
  for (const { before, value, after, detector } of labelled(lines, seed)) {
    const masker = createStreamMasker(rules, key)
    const out = `${masker.push(Buffer.from(before + value + after))}${masker.end()}`
    const marks = out.split(mark).length - 1
    masked += marks
    if (detector === undefined) {
      wrong += marks
      if (marks > 0) wrongs.push(`${value} => ${out}`)
      continue
    }
    values++
    const right = out === before + mark + after
    if (right) found++
    else note(detector, `${before}${value}${after} => ${out}`)
    const extra = marks - (right || !out.includes(value) ? 1 : 0)
    wrong += Math.max(0, extra)
    if (extra > 0) wrongs.push(`${value} => ${out}`)
  }
  const recall = found / values
  const precision = (masked - wrong) / masked
  context.diagnostic(`recall ${recall.toFixed(5)}, precision ${precision.toFixed(5)} over ${lines} lines`)
  const examples = [...missed].map(([name, list]) => `${name} ${list.length}: ${list.slice(0, 2).join('')}`).join('\n')
  assert.ok(recall >= 0.995, `recall ${recall}\n${examples}`)
  assert.ok(precision >= 0.99, `precision ${precision}\n${wrongs.slice(0, 20).join('')}`)
})
