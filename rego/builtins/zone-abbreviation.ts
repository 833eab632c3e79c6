// What a zone calls its time at an instant, by the names of the tz database: Node has only those of English regions.
import { zoneNames } from './zone-names.ts'

interface Run {
  readonly from: number
  readonly names: ReadonlyMap<number, string>
}

/** The lines of the table by zone, read when the first zone is asked for; runs when their zone is. */
let lines: ReadonlyMap<string, string> | undefined
const runs = new Map<string, readonly Run[]>()

/** The abbreviation of a zone's time; empty where it has none, and its offset is written. Both in seconds. */
export function zoneAbbreviation(zone: string, at: number, offset: number): string {
  if (zone === '' || zone === 'UTC') return 'UTC'
  lines ??= linesByZone()
  // What has no line has no names but local mean time.
  const line = lines.get(zone) ?? ''
  let known = runs.get(line)
  if (known === undefined) {
    known = line.split(';').map(runOf)
    runs.set(line, known)
  }
  const run = known.findLast(({ from }) => from <= at)
  return run?.names.get(offset) ?? (offset % 60 === 0 ? '' : 'LMT')
}

function linesByZone(): ReadonlyMap<string, string> {
  return new Map(
    zoneNames
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [zones = '', rest = ''] = line.split('\t')
        return zones.split(' ').map((zone) => [zone, rest] as const)
      }),
  )
}

function runOf(text: string): Run {
  const [from = '', ...pairs] = text.split(' ')
  const names = new Map<number, string>()
  for (let i = 0; i < pairs.length; i += 2) names.set(Number(pairs[i + 1]), pairs[i] ?? '')
  return { from: from === '' ? Number.NEGATIVE_INFINITY : Number.parseInt(from, 36), names }
}
