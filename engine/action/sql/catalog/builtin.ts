// The server's own catalog as a snapshot: what every database holds before anybody adds to it.
import { relationLines, routineLines, typeLines } from './builtin-data.ts'
import { pastRelationLines, pastRoutineLines } from './builtin-past.ts'
import { Catalog } from './catalog.ts'
import type { DataType, Relation, Routine, TypeRef } from './types.ts'

let made: Catalog | undefined

/** The built-in snapshot, read once. */
export function builtinCatalog(): Catalog {
  made ??= Catalog.from(undefined, {
    version: 'builtin-18',
    schemas: ['pg_catalog', 'information_schema', 'pg_toast'],
    relations: withPast(lines(relationLines).map(relation), lines(pastRelationLines).map(relation)),
    types: lines(typeLines).map(dataType),
    routines: [...lines(routineLines), ...lines(pastRoutineLines)].flatMap(routines),
    operators: [],
    casts: [],
    eventTriggers: [],
  })
  return made
}

/** Relations with the columns that older servers have, and relations that only they have. */
function withPast(now: readonly Relation[], past: readonly Relation[]): readonly Relation[] {
  const gone = new Map(past.map((one) => [`${one.schema}.${one.name}`, one]))
  const merged = now.map((one) => {
    const name = `${one.schema}.${one.name}`
    const columns = gone.get(name)?.columns ?? []
    gone.delete(name)
    return columns.length === 0 ? one : { ...one, columns: [...one.columns, ...columns] }
  })
  return [...merged, ...gone.values()]
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}

/** A type as `format_type` prints it. */
export function typeRef(text: string): TypeRef {
  const array = text.endsWith('[]')
  const bare = array ? text.slice(0, -2) : text
  const dot = bare.indexOf('.')
  const name = dot < 0 ? bare : bare.slice(dot + 1)
  const schema = dot < 0 ? 'pg_catalog' : unquoted(bare.slice(0, dot))
  return { schema: schema.startsWith('pg_temp_') ? 'pg_temp' : schema, name: unquoted(name), array }
}

function unquoted(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

function relation(line: string): Relation {
  const [schema = '', name = '', kind = '', columns = ''] = line.split('|')
  return {
    schema,
    name,
    // The server's own views read what they say they read, and nothing of anybody's tables but by statistics.
    kind: kind === 'v' ? 'view' : 'table',
    columns: columns.split(',').map((column) => {
      const at = column.indexOf(':')
      return { name: column.slice(0, at), type: typeRef(column.slice(at + 1)) }
    }),
  }
}

function dataType(line: string): DataType {
  const [schema = '', name = '', kind = '', base] = line.split('|')
  const kinds: { readonly [code: string]: DataType['kind'] } = {
    b: 'base',
    d: 'domain',
    e: 'enum',
    r: 'range',
    m: 'multirange',
    p: 'pseudo',
    c: 'composite',
  }
  return { schema, name, kind: kinds[kind] ?? 'base', ...(base === undefined ? {} : { base: typeRef(base) }) }
}

function routines(line: string): readonly Routine[] {
  const [schema = '', name = '', ...overloads] = line.split('|')
  return overloads.map((overload) => {
    const [flags = '', result = '', args = '', outputs = ''] = overload.split('~')
    const kinds: { readonly [code: string]: Routine['kind'] } = {
      f: 'function',
      p: 'procedure',
      a: 'aggregate',
      w: 'window',
    }
    const volatilities: { readonly [code: string]: Routine['volatility'] } = {
      i: 'immutable',
      s: 'stable',
      v: 'volatile',
    }
    return {
      schema,
      name,
      kind: kinds[flags[0] ?? ''] ?? 'function',
      volatility: volatilities[flags[1] ?? ''] ?? 'volatile',
      returnsSet: flags[2] === 's',
      variadic: flags[3] === 'v',
      defaults: Number(flags.slice(4)),
      returns: typeRef(result),
      arguments: args === '' ? [] : args.split(',').map(typeRef),
      ...(outputs === ''
        ? {}
        : {
            outputs: outputs
              .split(',')
              .map((one) => ({ name: one.slice(0, one.indexOf(':')), type: typeRef(one.slice(one.indexOf(':') + 1)) })),
          }),
      language: 'internal',
      definer: false,
    }
  })
}
