// A masking strategy as an SQL expression of the column's own type, that raises no error whatever the value is.
// Functions, operators and types are qualified, so that no search path changes what they mean.

import { unreachable } from '../../../../rego/unreachable.ts'
import { parseStrategy, type Strategy } from '../../../decision/index.ts'
import { quoted } from '../analyze/identifiers.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { TypeRef } from '../catalog/types.ts'
import { starredBefore } from './earlier.ts'
import { byBytes, listed, usualLengthMax } from './text-parts.ts'

const textTypes: ReadonlySet<string> = new Set(['text', 'character varying', 'character', 'name'])
const jsonTypes: ReadonlySet<string> = new Set(['json', 'jsonb'])
const smallest: ReadonlyMap<string, bigint> = new Map([
  ['smallint', -(2n ** 15n)],
  ['integer', -(2n ** 31n)],
  ['bigint', -(2n ** 63n)],
])
const floatTypes: ReadonlySet<string> = new Set(['real', 'double precision'])
const dateTypes: ReadonlySet<string> = new Set(['date', 'timestamp without time zone', 'timestamp with time zone'])

/** What stands for text that nothing may be shown of. */
const redactedText = '[redacted]'

/** True for a strategy that needs the gateway's key, and so cannot be written as SQL. */
export function isKeyed(strategy: string): boolean {
  return strategy === 'hash' || strategy === 'tokenize'
}

/** How masks are written: as they are now, or as the names of views that were provisioned earlier have them. */
export type Wording = 'now' | 'earlier'

/** The masked form of `column` (SQL text) under a strategy; NULL of its type where the type leaves nothing to show. */
export function maskExpression(
  strategyText: string,
  column: string,
  type: TypeRef,
  catalog: Catalog,
  wording: Wording = 'now',
): string {
  const strategy = parseStrategy(strategyText)
  const base = baseType(type, catalog)
  const nothing = `NULL::${typeText(base)}`
  if (strategy === undefined || base.array || base.schema !== 'pg_catalog') return nothing
  const { name } = base
  const cast = (text: string): string => `(${text})::${typeText(base)}`
  if (textTypes.has(name)) {
    // Every cast is read and planned again with every statement: a text needs none.
    const isText = wording === 'now' && type.schema === 'pg_catalog' && type.name === 'text' && !type.array
    const shown = textMask(strategy, isText ? column : `${column}::pg_catalog.text`, wording)
    if (shown === undefined) return nothing
    return isText ? shown : cast(shown)
  }
  if (jsonTypes.has(name)) {
    if (strategy.kind === 'redact') return cast(literal(JSON.stringify(redactedText)))
    return strategy.kind === 'fixed' ? cast(literal(JSON.stringify(strategy.text))) : nothing
  }
  if (strategy.kind === 'bucket') return bucket(column, name, strategy.size, cast) ?? nothing
  if (strategy.kind === 'date' && dateTypes.has(name)) {
    // Beyond these years the conversions can raise.
    const low = `${column} OPERATOR(pg_catalog.>=) '0100-01-01'::${typeText(base)}`
    const high = `${column} OPERATOR(pg_catalog.<) '9000-01-01'::${typeText(base)}`
    const truncated = `pg_catalog.date_trunc('${strategy.keep}', ${column}::pg_catalog.timestamp)`
    return `CASE WHEN ${low} AND ${high} THEN ${cast(truncated)} ELSE ${nothing} END`
  }
  return nothing
}

function textMask(strategy: Strategy, value: string, wording: Wording): string | undefined {
  switch (strategy.kind) {
    case 'redact':
      return `'${redactedText}'::pg_catalog.text`
    case 'fixed':
      return `${literal(strategy.text)}::pg_catalog.text`
    case 'first':
    case 'last':
      return (wording === 'now' ? starred : starredBefore)(strategy.kind, strategy.count, value)
    case 'partial':
      return partial(value)
    case 'date': {
      const kept = { year: 4, month: 7, day: 10 }[strategy.keep]
      const rest = { year: '-01-01', month: '-01', day: '' }[strategy.keep]
      return (
        `CASE WHEN ${value} ${byBytes} OPERATOR(pg_catalog.~) '^[0-9]{4}-[0-9]{2}-[0-9]{2}' ` +
        `THEN pg_catalog.left(${value}, ${kept}) OPERATOR(pg_catalog.||) '${rest}' END`
      )
    }
    case 'null':
    case 'bucket':
    case 'hash':
    case 'tokenize':
      return undefined
    default:
      return unreachable(strategy)
  }
}

/** An address: usual ones by their one at sign, where only the local part is counted; all others by the last at sign. */
function partial(value: string): string {
  const place = `pg_catalog.strpos(${value} ${byBytes}, '@')`
  const usual =
    `pg_catalog.left(${value}, 1) OPERATOR(pg_catalog.||) ` +
    `${listed(1, usualLengthMax, `${place} OPERATOR(pg_catalog.-) 2`)} OPERATOR(pg_catalog.||) ` +
    `pg_catalog.right(${value}, 1 OPERATOR(pg_catalog.-) ${place})`
  // How many characters follow the last at sign, itself included; nothing without one.
  const domain = `pg_catalog.strpos(pg_catalog.reverse(${value}) ${byBytes}, '@')`
  const local = `(pg_catalog.length(${value}) OPERATOR(pg_catalog.-) ${domain})`
  const others =
    `CASE WHEN ${local} OPERATOR(pg_catalog.<) 2 THEN '*' ` +
    `ELSE pg_catalog.left(${value}, 1) OPERATOR(pg_catalog.||) ` +
    `pg_catalog.repeat('*', ${local} OPERATOR(pg_catalog.-) 1) END ` +
    `OPERATOR(pg_catalog.||) pg_catalog.right(${value}, ${domain})`
  return `COALESCE(CASE WHEN ${value} ${byBytes} OPERATOR(pg_catalog.!~~) '%@%@%' THEN ${usual} END, ${others})`
}

/** How long numbers are that are mostly shown by their ends: of cards, in groups too. */
const quickLengths = [16, 19]
/** So many first characters are shown of numbers. Of names fewer are, and those have all lengths. */
const quickFirstMin = 4

/**
 * Stars but for some characters. A pattern sees faster than counting that there are so many of them, and then only what
 * is shown, or what is left out before it, has to be gone over. The server plans every part of this for every statement,
 * which for a few rows is most of what a mask costs: so there are no more lengths than are met often.
 */
function starred(end: 'first' | 'last', count: number, value: string): string {
  const like = (pattern: string): string => `${value} ${byBytes} OPERATOR(pg_catalog.~~) '${pattern}'`
  const joined = (shown: string, stars: string): string =>
    (end === 'first' ? [shown, stars] : [stars, shown]).join(' OPERATOR(pg_catalog.||) ')
  const shortest = count * 2
  const quick = end === 'first' && count < quickFirstMin ? [] : quickLengths.filter((length) => length >= shortest)
  const cases = quick.map((length) => {
    const shown = end === 'first' ? `left(${value}, ${count})` : `right(${value}, ${count - length})`
    return `WHEN ${like('_'.repeat(length))} THEN ${joined(`pg_catalog.${shown}`, `'${'*'.repeat(length - count)}'`)} `
  })
  const length = `pg_catalog.length(${value})`
  const shown = `pg_catalog.${end === 'first' ? 'left' : 'right'}(${value}, ${count})`
  const stars = `pg_catalog.repeat('*', ${length} OPERATOR(pg_catalog.-) ${count})`
  return (
    `CASE ${cases.join('')}WHEN ${like(`${'_'.repeat(shortest)}%`)} THEN ${joined(shown, stars)} ` +
    `ELSE pg_catalog.repeat('*', ${length}) END`
  )
}

function bucket(column: string, name: string, size: number, cast: (text: string) => string): string | undefined {
  const least = smallest.get(name)
  if (least !== undefined) return wholeBucket(column, least, BigInt(size), cast)
  if (name === 'numeric') return cast(numericBucket(column, size))
  if (!floatTypes.has(name)) return undefined
  const [type, value] = ['pg_catalog.float8', `${column}::pg_catalog.float8`]
  const floored = `pg_catalog.floor(${value} OPERATOR(pg_catalog./) ${size}::${type}) OPERATOR(pg_catalog.*) ${size}::${type}`
  // Near the ends of the type the product can overflow, or the narrower type can.
  const bound = name === 'real' ? '1e37' : '1e300'
  return `CASE WHEN pg_catalog.abs(${value}) OPERATOR(pg_catalog.<) ${bound}::${type} THEN ${cast(floored)} END`
}

/** Integers only: dividing a `numeric` rounds, which can lead to the next bucket, and out of the type. */
function wholeBucket(column: string, least: bigint, size: bigint, cast: (text: string) => string): string {
  const value = `${column}::pg_catalog.int8`
  const whole = `${size}::pg_catalog.int8`
  const quick = `${value} OPERATOR(pg_catalog./) ${whole} OPERATOR(pg_catalog.*) ${whole}`
  // Below the first bucket that begins within the type, its smallest number is shown.
  const first = `'${(least / size) * size}'::pg_catalog.int8`
  // Operators that are written so are worked off from the left.
  const rest = `(${value} OPERATOR(pg_catalog.%) ${whole} OPERATOR(pg_catalog.+) ${whole} OPERATOR(pg_catalog.%) ${whole})`
  return (
    `CASE WHEN ${column} OPERATOR(pg_catalog.>=) 0 THEN ${cast(quick)} ` +
    `WHEN ${value} OPERATOR(pg_catalog.<) ${first} THEN ${cast(`'${least}'`)} ` +
    `ELSE ${cast(`${value} OPERATOR(pg_catalog.-) ${rest}`)} END`
  )
}

/** Below this a bucket could begin where the type has ended. */
const numericLeast = `'-1e131000'::pg_catalog."numeric"`

function numericBucket(column: string, size: number): string {
  const value = `${column}::pg_catalog."numeric"`
  const step = `${size}::pg_catalog."numeric"`
  const towardsZero = `pg_catalog.div(${value}, ${step}) OPERATOR(pg_catalog.*) ${step}`
  return (
    `CASE WHEN ${value} OPERATOR(pg_catalog.>=) 0 THEN ${towardsZero} ` +
    `WHEN ${value} OPERATOR(pg_catalog.<) ${numericLeast} THEN '-Infinity'::pg_catalog."numeric" ` +
    `WHEN pg_catalog.mod(${value}, ${step}) OPERATOR(pg_catalog.<) 0 ` +
    `THEN ${towardsZero} OPERATOR(pg_catalog.-) ${step} ELSE ${towardsZero} END`
  )
}

/** A domain is shown as what lies under it: its checks could refuse a masked value. */
function baseType(type: TypeRef, catalog: Catalog): TypeRef {
  let base = type
  for (let depth = 0; depth < 16 && !base.array; depth++) {
    const found = catalog.type(base.schema, base.name)
    if (found?.kind !== 'domain' || found.base === undefined) break
    base = found.base
  }
  return base
}

/** Names of types by the standard's words for them; `character` alone would be one character long. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ['smallint', 'int2'],
  ['integer', 'int4'],
  ['bigint', 'int8'],
  ['real', 'float4'],
  ['double precision', 'float8'],
  ['boolean', 'bool'],
  ['character', 'bpchar'],
  ['character varying', 'varchar'],
  ['bit varying', 'varbit'],
  ['time without time zone', 'time'],
  ['time with time zone', 'timetz'],
  ['timestamp without time zone', 'timestamp'],
  ['timestamp with time zone', 'timestamptz'],
])

function typeText({ schema, name, array }: TypeRef): string {
  const own = schema === 'pg_catalog' ? (typeNames.get(name) ?? name) : name
  return `${quoted(schema)}.${quoted(own)}${array ? '[]' : ''}`
}

/** A string constant that no setting reads otherwise. */
export function literal(text: string): string {
  const doubled = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? ` E${doubled.replaceAll('\\', '\\\\')}` : doubled
}
