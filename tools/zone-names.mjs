// Writes rego/builtins/zone-names.ts from a folder of compiled time zones (TZif, RFC 9636): the abbreviations of each zone,
// which Node's Intl does not have. Use: node tools/zone-names.mjs FOLDER, with the zones of the Go that OPA is built by
// (unpacked from lib/time/zoneinfo.zip; the tz database is in the public domain).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new TypeError('name the folder of the zones')

const zonesOf = new Map()
for (const zone of readdirSync(folder, { recursive: true }).map(String).sort()) {
  const bytes = read(join(folder, zone))
  if (bytes?.toString('latin1', 0, 4) !== 'TZif') continue
  const runs = runsOf(bytes)
  if (runs !== '') zonesOf.set(runs, [...(zonesOf.get(runs) ?? []), zone])
}
const lines = [...zonesOf].map(([runs, zones]) => `${zones.join(' ')}\t${runs}`).sort()
writeFileSync(
  new URL('../rego/builtins/zone-names.ts', import.meta.url),
  `// Written by tools/zone-names.mjs: do not edit.

/**
 * What zones call their time. A line: the zones, a tab, and runs with semicolons between them. A run: when it begins (seconds,
 * base 36; the first has none), then each name with the offset it stands for (seconds). An offset that a run does not
 * name is written in digits where it is whole minutes, and is local mean time where it is not.
 */
export const zoneNames: string = \`
${lines.join('\n')}
\`
`,
)

function read(path) {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Names by offsets, a new run where an offset gets another name. */
function runsOf(bytes) {
  const { times, types, footer } = parsed(bytes)
  const runs = []
  let run = new Map()
  let from = ''
  for (const [at, { offset, name }] of times.map(([at, type]) => [at, types[type]])) {
    if (run.has(offset) && run.get(offset) !== name) {
      runs.push([from, run])
      run = new Map()
      from = at.toString(36)
    }
    run.set(offset, name)
  }
  // What holds behind the last change is said by the footer (POSIX TZ), whose names belong to what the last change began.
  if (footer.some(({ offset, name }) => run.has(offset) && run.get(offset) !== name)) {
    runs.push([from, run])
    run = new Map()
    from = (times.at(-1)?.[0] ?? 0).toString(36)
  }
  for (const { offset, name } of footer) run.set(offset, name)
  runs.push([from, run])
  const texts = runs.map(([start, names]) =>
    [start, ...[...names].sort(([a], [b]) => a - b).flatMap(written)].join(' '),
  )
  return texts.length === 1 && texts[0] === '' ? '' : texts.map((text) => text.trimEnd()).join(';')
}

function written([offset, name]) {
  const isNumber = name !== '-00' && (name.startsWith('+') || name.startsWith('-'))
  if (isNumber && offset % 60 !== 0) throw new TypeError('an offset with seconds is local mean time to the reader')
  return isNumber || (name === 'LMT' && offset % 60 !== 0) ? [] : [name, String(offset)]
}

/** The second block of a file, whose times have 64 bits. */
function parsed(bytes) {
  const counts = (at) => [20, 24, 28, 32, 36, 40].map((more) => bytes.readUInt32BE(at + more))
  const [universal1, standard1, leaps1, times1, types1, letters1] = counts(0)
  const second = 44 + times1 * 5 + types1 * 6 + letters1 + leaps1 * 8 + standard1 + universal1
  const [, , , timeCount, typeCount] = counts(second)
  const at = second + 44
  const indices = at + timeCount * 8
  const typesAt = indices + timeCount
  const lettersAt = typesAt + typeCount * 6
  const types = Array.from({ length: typeCount }, (_, i) => {
    const start = lettersAt + bytes[typesAt + i * 6 + 5]
    return {
      offset: bytes.readInt32BE(typesAt + i * 6),
      name: bytes.toString('latin1', start, bytes.indexOf(0, start)),
    }
  })
  const times = Array.from({ length: timeCount }, (_, i) => [
    Number(bytes.readBigInt64BE(at + i * 8)),
    bytes[indices + i],
  ])
  const [leapCount, standardCount, universalCount] = [2, 1, 0].map((i) => counts(second)[i])
  const footerAt = lettersAt + counts(second)[5] + leapCount * 12 + standardCount + universalCount
  return { times: [[0, 0], ...times], types, footer: footerNames(bytes.toString('latin1', footerAt).trim()) }
}

/** `CET-1CEST,M3.5.0,...`: standard time, and summer time an hour before it where nothing else is said. */
function footerNames(text) {
  const found = /^(<[^>]+>|[A-Za-z]+)([-+\d:]+)(?:(<[^>]+>|[A-Za-z]+)([-+\d:]*))?/.exec(text)
  if (found === null) return []
  const [, standard, west, summer, summerWest] = found
  const plain = (name) => (name.startsWith('<') ? name.slice(1, -1) : name)
  const offset = -seconds(west)
  const names = [{ name: plain(standard), offset }]
  if (summer !== undefined)
    names.push({ name: plain(summer), offset: summerWest === '' ? offset + 3600 : -seconds(summerWest) })
  return names
}

function seconds(text) {
  const [hours = 0, minutes = 0, rest = 0] = text.replace(/^[-+]/, '').split(':').map(Number)
  return (text.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + rest)
}
