// Random statements of PostgreSQL from a grammar of its own: queries with joins, subqueries, CTEs, set operations, windows
// and aggregates, and writes with all of them inside. Names are quoted, qualified, aliased and shadowed at random.

/** The schema that the statements are about. */
export const generatedSchema: string = `
create schema app; create schema "Odd Place";
create table app.users(id int, age int, name text, city text);
create table app.orders(id int, owner int, total int, note text);
create table public.users(id int, level int, name text);
create table "Odd Place"."Order"(id int, "Total" int, name text);
create table public.parts(id int, region int, name text) partition by list (region);
create table public.parts_1 partition of public.parts for values in (1);
create table public.parts_2 partition of public.parts for values in (2);
create table public.parent(id int, name text);
create table public.child(extra int) inherits (public.parent);
create view app.adults as select id, name, age from app.users where age > 17;
create view public.totals as select o.owner as id, sum(o.total)::int as amount, max(u.name) as name from app.orders o join app.users u on u.id = o.owner group by o.owner;
create materialized view public.frozen as select id, name from app.users;
create function app.plus(int) returns int language sql immutable as 'select $1 + 1';
create function app.rows_of(int) returns table(id int, name text) language sql stable as 'select id, name from app.users where id = $1';
`

/** The search path that the statements are written for. */
export const generatedPath: readonly string[] = ['app', 'public']

type Kind = 'int' | 'text'

interface Table {
  readonly schema: string
  readonly name: string
  readonly columns: readonly (readonly [string, Kind])[]
  readonly writable: boolean
}

const ints = (...names: readonly string[]): (readonly [string, Kind])[] => names.map((name) => [name, 'int'])

const tables: readonly Table[] = [
  { schema: 'app', name: 'users', columns: [...ints('id', 'age'), ['name', 'text'], ['city', 'text']], writable: true },
  { schema: 'app', name: 'orders', columns: [...ints('id', 'owner', 'total'), ['note', 'text']], writable: true },
  { schema: 'public', name: 'users', columns: [...ints('id', 'level'), ['name', 'text']], writable: true },
  { schema: 'Odd Place', name: 'Order', columns: [...ints('id', 'Total'), ['name', 'text']], writable: true },
  { schema: 'public', name: 'parts', columns: [...ints('id', 'region'), ['name', 'text']], writable: true },
  { schema: 'public', name: 'parts_1', columns: [...ints('id', 'region'), ['name', 'text']], writable: true },
  { schema: 'public', name: 'parent', columns: [...ints('id'), ['name', 'text']], writable: true },
  { schema: 'public', name: 'child', columns: [...ints('id'), ['name', 'text'], ...ints('extra')], writable: true },
  { schema: 'app', name: 'adults', columns: [...ints('id'), ['name', 'text'], ...ints('age')], writable: true },
  { schema: 'public', name: 'totals', columns: [...ints('id', 'amount'), ['name', 'text']], writable: false },
  { schema: 'public', name: 'frozen', columns: [...ints('id'), ['name', 'text']], writable: false },
]

/** A column that an expression may name. */
interface Named {
  readonly text: string
  readonly kind: Kind
}

interface Cte {
  readonly name: string
  readonly columns: readonly (readonly [string, Kind])[]
}

/** What a query at some place sees. */
interface Place {
  readonly outer: readonly Named[]
  readonly ctes: readonly Cte[]
  readonly depth: number
}

const depthMax = 3

/** Writes statements; the same numbers give the same statements. */
export class StatementGenerator {
  readonly #random: () => number
  #aliases = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** One statement. */
  statement(): string {
    this.#aliases = 0
    const place: Place = { outer: [], ctes: [], depth: 0 }
    return this.#one<() => string>([
      () => this.#query(place, undefined),
      () => this.#query(place, undefined),
      () => this.#insert(place),
      () => this.#update(place),
      () => this.#remove(place),
      () => this.#merge(place),
    ])()
  }

  #one<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)]
    if (item === undefined) throw new RangeError('nothing to choose from')
    return item
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #times(most: number, make: () => string): readonly string[] {
    return Array.from({ length: 1 + Math.floor(this.#random() * most) }, make)
  }

  /** A query; `shape` are the kinds of its columns, where that matters. Its columns are c1, c2 ... */
  #query(at: Place, shape: readonly Kind[] | undefined): string {
    const place = { ...at, depth: at.depth + 1 }
    const kinds =
      shape ?? Array.from({ length: 1 + Math.floor(this.#random() * 3) }, () => this.#one<Kind>(['int', 'text']))
    const withs = place.depth < depthMax && this.#chance(0.3) ? this.#ctes(place) : undefined
    const inside: Place = withs === undefined ? place : { ...place, ctes: [...withs.ctes, ...place.ctes] }
    let text = this.#select(inside, kinds)
    if (inside.depth < depthMax && this.#chance(0.2))
      text = `${text} ${this.#one(['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT ALL'])} ${this.#select(inside, kinds)}`
    if (this.#chance(0.2)) text += ` ORDER BY ${1 + Math.floor(this.#random() * kinds.length)}`
    if (this.#chance(0.2))
      text += ` LIMIT ${this.#chance(0.5) ? '3' : `(${this.#scalar({ ...inside, outer: [] }, 'int')})`}`
    return `${withs?.text ?? ''}${text}`
  }

  #ctes(place: Place): { readonly text: string; readonly ctes: readonly Cte[] } {
    const ctes: Cte[] = []
    const texts: string[] = []
    for (let count = this.#chance(0.5) ? 1 : 2; count > 0; count--) {
      const name = this.#one(['users', 'orders', 'cte', 'adults']) + (this.#chance(0.5) ? '' : `_${++this.#aliases}`)
      if (ctes.some((one) => one.name === name)) continue
      const kinds: Kind[] = ['int', 'text']
      const body = this.#query({ outer: [], ctes: [...ctes, ...place.ctes], depth: place.depth + 1 }, kinds)
      texts.push(`${name}(c1, c2) AS ${this.#one(['', 'MATERIALIZED ', 'NOT MATERIALIZED '])}(${body})`)
      ctes.unshift({
        name,
        columns: [
          ['c1', 'int'],
          ['c2', 'text'],
        ],
      })
    }
    return { text: `WITH ${texts.join(', ')} `, ctes }
  }

  #select(place: Place, kinds: readonly Kind[]): string {
    if (this.#chance(0.05)) return `VALUES (${kinds.map((kind) => (kind === 'int' ? '1' : "'v'")).join(', ')})`
    const { text, names } = this.#from(place)
    const sees = { ...place, outer: [...names, ...place.outer] }
    const grouped = this.#chance(0.2)
    const columns = kinds.map((kind, index) => {
      const value = grouped
        ? `${kind === 'int' ? 'max' : 'min'}(${this.#expression(sees, kind)})`
        : this.#expression(sees, kind)
      return `${value} AS c${index + 1}`
    })
    const where = this.#chance(0.6) ? ` WHERE ${this.#condition(sees)}` : ''
    const having = grouped && this.#chance(0.3) ? ` HAVING count(*) > ${this.#one(['0', '1'])}` : ''
    return `SELECT ${this.#chance(0.1) && !grouped ? 'DISTINCT ' : ''}${columns.join(', ')} FROM ${text}${where}${having}`
  }

  #from(place: Place): { readonly text: string; readonly names: readonly Named[] } {
    let { text, names } = this.#item(place)
    for (let count = Math.floor(this.#random() * 3); count > 0; count--) {
      const lateral = this.#chance(0.2)
      const next = this.#item(lateral ? { ...place, outer: [...names, ...place.outer] } : place, lateral)
      const all = [...names, ...next.names]
      const on = this.#condition({ ...place, outer: [...all, ...place.outer], depth: depthMax })
      text = this.#one([
        `${text}, ${next.text}`,
        `${text} CROSS JOIN ${next.text}`,
        `${text} LEFT JOIN ${next.text} ON ${on}`,
        `${text} JOIN ${next.text} ON ${on}`,
      ])
      names = all
    }
    return { text, names }
  }

  #item(place: Place, lateral = false): { readonly text: string; readonly names: readonly Named[] } {
    const alias = `${this.#one(['t', 'u', '"T"'])}`.replace(
      /^(")?(.*?)(")?$/,
      (_all, open = '', name, close = '') => `${open}${name}${++this.#aliases}${close}`,
    )
    const named = (columns: readonly (readonly [string, Kind])[]): readonly Named[] =>
      columns.map(([name, kind]) => ({ text: `${alias}.${quoted(name)}`, kind }))
    if (place.depth < depthMax && (lateral || this.#chance(0.2))) {
      const kinds: Kind[] = ['int', 'text']
      const body = this.#query(lateral ? place : { ...place, outer: [] }, kinds)
      return {
        text: `${lateral ? 'LATERAL ' : ''}(${body}) AS ${alias}`,
        names: named([
          ['c1', 'int'],
          ['c2', 'text'],
        ]),
      }
    }
    const cte = place.ctes.length > 0 && this.#chance(0.4) ? this.#one(place.ctes) : undefined
    if (cte !== undefined) {
      // The innermost of a name is meant.
      const seen = place.ctes.find((one) => one.name === cte.name) ?? cte
      return { text: `${seen.name} AS ${alias}`, names: named(seen.columns) }
    }
    if (this.#chance(0.05))
      return {
        text: `app.rows_of(1) AS ${alias}`,
        names: named([
          ['id', 'int'],
          ['name', 'text'],
        ]),
      }
    const table = this.#one(tables)
    return {
      text: `${this.#only(table)}${this.#named(table, place.ctes)} ${this.#one(['', 'AS '])}${alias}`,
      names: named(table.columns),
    }
  }

  #only({ name }: Table): string {
    return ['parent', 'parts', 'users'].includes(name) && this.#chance(0.1) ? 'ONLY ' : ''
  }

  /** A table's name, without its schema where the path finds it and no CTE hides it. */
  #named(table: Table, ctes: readonly Cte[]): string {
    const first = tables.find(({ schema, name }) => name === table.name && generatedPath.includes(schema))
    const bare = first === table && !ctes.some((one) => one.name === table.name)
    return bare && this.#chance(0.6) ? quoted(table.name) : `${quoted(table.schema)}.${quoted(table.name)}`
  }

  #scalar(place: Place, kind: Kind): string {
    const { text, names } = this.#item({ ...place, depth: depthMax })
    const sees = { ...place, outer: [...names, ...place.outer], depth: depthMax }
    return `SELECT ${kind === 'int' ? 'max' : 'min'}(${this.#expression(sees, kind)}) FROM ${text}`
  }

  #expression(place: Place, kind: Kind): string {
    const columns = place.outer.filter((one) => one.kind === kind)
    const column = (): string => (columns.length === 0 ? (kind === 'int' ? '2' : "'c'") : this.#one(columns).text)
    const subquery = (): string => (place.depth < depthMax ? `(${this.#scalar(place, kind)})` : column())
    const own: readonly (() => string)[] =
      kind === 'int'
        ? [
            () => `${column()} + ${column()}`,
            () => `app.plus(${column()})`,
            () => `length(${this.#expression({ ...place, depth: depthMax }, 'text')})`,
            () => `(${column()})::bigint::int`,
          ]
        : [
            () => `${column()} || ${column()}`,
            () => `upper(${column()})`,
            () => `${this.#expression({ ...place, depth: depthMax }, 'int')}::text`,
            () => `coalesce(${column()}, 'none')`,
          ]
    return this.#one<() => string>([
      column,
      column,
      column,
      subquery,
      () => `CASE WHEN ${this.#condition({ ...place, depth: depthMax })} THEN ${column()} ELSE ${column()} END`,
      ...own,
    ])()
  }

  #condition(place: Place): string {
    const int = (): string => this.#expression({ ...place, depth: depthMax }, 'int')
    const text = (): string => this.#expression({ ...place, depth: depthMax }, 'text')
    const inner = place.depth < depthMax
    return this.#one<() => string>([
      () => `${int()} ${this.#one(['=', '<', '<>', '>='])} ${int()}`,
      () => `${text()} LIKE 'a%'`,
      () => `${int()} IN (1, 2, 3)`,
      () => `${text()} IS NOT NULL AND ${int()} BETWEEN 0 AND 9`,
      () => (inner ? `EXISTS (${this.#query(place, ['int'])})` : `${int()} = 1`),
      () => (inner ? `${int()} IN (${this.#query(place, ['int'])})` : `${int()} = 2`),
      () => (inner ? `${int()} = ANY (ARRAY(${this.#query(place, ['int'])}))` : `NOT ${int()} = 3`),
    ])()
  }

  #target(): Table {
    return this.#one(tables.filter(({ writable }) => writable))
  }

  #insert(place: Place): string {
    const withs = this.#chance(0.3) ? this.#ctes(place) : undefined
    const inside = { ...place, ctes: withs?.ctes ?? [] }
    const table = this.#target()
    const columns = table.columns.filter(() => this.#chance(0.7))
    const some = columns.length === 0 ? table.columns.slice(0, 1) : columns
    const source = this.#query(
      inside,
      some.map(([, kind]) => kind),
    )
    return `${withs?.text ?? ''}INSERT INTO ${this.#written(table)} (${some.map(([name]) => quoted(name)).join(', ')}) ${source}${this.#returning(table)}`
  }

  #update(place: Place): string {
    const withs = this.#chance(0.2) ? this.#ctes(place) : undefined
    const table = this.#target()
    const target = table.columns.map(([name, kind]): Named => ({ text: `w.${quoted(name)}`, kind }))
    const from = this.#chance(0.4) ? this.#from({ ...place, ctes: withs?.ctes ?? [] }) : undefined
    const sees: Place = { outer: [...target, ...(from?.names ?? [])], ctes: withs?.ctes ?? [], depth: 1 }
    const [name, kind] = this.#one(table.columns.filter(([column]) => column !== 'region'))
    const where = this.#chance(0.7) ? ` WHERE ${this.#condition(sees)}` : ''
    return `${withs?.text ?? ''}UPDATE ${this.#only(table)}${this.#written(table)} AS w SET ${quoted(name)} = ${this.#expression(sees, kind)}${from === undefined ? '' : ` FROM ${from.text}`}${where}${this.#returning(table, 'w')}`
  }

  #remove(place: Place): string {
    const table = this.#target()
    const target = table.columns.map(([name, kind]): Named => ({ text: `w.${quoted(name)}`, kind }))
    const using = this.#chance(0.4) ? this.#from(place) : undefined
    const sees: Place = { outer: [...target, ...(using?.names ?? [])], ctes: [], depth: 1 }
    return `DELETE FROM ${this.#written(table)} AS w${using === undefined ? '' : ` USING ${using.text}`} WHERE ${this.#condition(sees)}${this.#returning(table, 'w')}`
  }

  #merge(place: Place): string {
    const table = this.#one(tables.filter(({ writable, name }) => writable && name !== 'adults'))
    const source = this.#item({ ...place, depth: 1 })
    const target = table.columns.map(([name, kind]): Named => ({ text: `w.${quoted(name)}`, kind }))
    const sees: Place = { outer: [...target, ...source.names], ctes: [], depth: depthMax }
    const [name, kind] = this.#one(table.columns.filter(([column]) => column !== 'region'))
    const given: Place = { outer: source.names, ctes: [], depth: depthMax }
    return `MERGE INTO ${this.#written(table)} AS w USING ${source.text} ON ${this.#condition(sees)} ${this.#times(1, () => `WHEN MATCHED THEN ${this.#one([`UPDATE SET ${quoted(name)} = ${this.#expression(sees, kind)}`, 'DELETE', 'DO NOTHING'])}`).join(' ')} WHEN NOT MATCHED THEN INSERT (${quoted(name)}) VALUES (${this.#expression(given, kind)})`
  }

  #written(table: Table): string {
    const first = tables.find(({ schema, name }) => name === table.name && generatedPath.includes(schema))
    return first === table && this.#chance(0.5) ? quoted(table.name) : `${quoted(table.schema)}.${quoted(table.name)}`
  }

  #returning({ columns }: Table, alias = ''): string {
    if (!this.#chance(0.3)) return ''
    const [name] = this.#one(columns)
    return ` RETURNING ${alias === '' ? '' : `${alias}.`}${quoted(name)}`
  }
}

function quoted(name: string): string {
  return /^[a-z_0-9]+$/.test(name) ? name : `"${name}"`
}
