// Masks as 0.1.0 first wrote them. Views that were provisioned with them have names made of these texts, and are read as
// long as they stand: what they show is the same. New views have the texts of `mask-expression.ts`.
import { byBytes, listed, usualLengthMax } from './text-parts.ts'

/** Stars but for some characters. Counting characters is what costs: for usual lengths it is done once. */
export function starredBefore(end: 'first' | 'last', count: number, value: string): string {
  const length = `pg_catalog.length(${value})`
  const shown = end === 'first' ? `pg_catalog.left(${value}, ${count})` : `pg_catalog.right(${value}, ${count})`
  const joined = (stars: string): string =>
    (end === 'first' ? [shown, stars] : [stars, shown]).join(' OPERATOR(pg_catalog.||) ')
  const shortest = count * 2
  const usual = listed(count, usualLengthMax - count, `${length} OPERATOR(pg_catalog.-) ${shortest - 1}`)
  const others =
    `COALESCE(${joined(usual)}, CASE WHEN ${length} OPERATOR(pg_catalog.<) ${shortest} ` +
    `THEN pg_catalog.repeat('*', ${length}) ` +
    `ELSE ${joined(`pg_catalog.repeat('*', ${length} OPERATOR(pg_catalog.-) ${count})`)} END)`
  return quickly(end, count, value, others)
}

/** How long numbers are that are mostly shown by their ends: of cards, in groups too, and of persons. */
const quickLengths = [16, 19, 15, 11]
/** So many first characters are shown of numbers. */
const quickFirstMin = 4

/**
 * The end of a text of one of these lengths. A pattern sees faster than counting that there are so many characters; for
 * all but the first, that there are as many bytes is looked at before, which is known at once. Then only what is shown,
 * or what is left out before it, has to be gone over.
 */
function quickly(end: 'first' | 'last', count: number, value: string, others: string): string {
  // Of names the beginning is shown, and they have all lengths: these tests would only be in the way.
  if (end === 'first' && count < quickFirstMin) return others
  const cases = quickLengths
    .filter((length) => length >= count * 2)
    .map((length, index) => {
      const stars = `'${'*'.repeat(length - count)}'`
      const shown =
        end === 'first'
          ? `pg_catalog.left(${value}, ${count}) OPERATOR(pg_catalog.||) ${stars}`
          : `${stars} OPERATOR(pg_catalog.||) pg_catalog.right(${value}, ${count - length})`
      const bytes = index === 0 ? '' : `pg_catalog.octet_length(${value}) OPERATOR(pg_catalog.=) ${length} AND `
      return `WHEN ${bytes}${value} ${byBytes} OPERATOR(pg_catalog.~~) '${'_'.repeat(length)}' THEN ${shown} `
    })
  return cases.length === 0 ? others : `CASE ${cases.join('')}ELSE ${others} END`
}
