// Random queries over the schema of the twins: every construct that queries are made of, masked columns among the rest.

type Kind = 'text' | 'int' | 'bool' | 'date' | 'any'

interface Source {
  readonly name: string
  readonly columns: readonly (readonly [string, Kind, masked?: boolean])[]
}

const sources: readonly Source[] = [
  {
    name: 'shop.people',
    columns: [
      ['id', 'int'],
      ['name', 'text'],
      ['tenant', 'int'],
      ['visits', 'int'],
      ['note', 'text'],
      ['email', 'text', true],
      ['ssn', 'text', true],
      ['salary', 'int', true],
      ['born', 'date', true],
      ['pan', 'text', true],
      ['doc', 'any', true],
      ['tags', 'any', true],
      ['home', 'any', true],
    ],
  },
  {
    name: 'shop.vips',
    columns: [
      ['id', 'int'],
      ['perk', 'text'],
      ['name', 'text'],
      ['pan', 'text', true],
      ['salary', 'int', true],
    ],
  },
  {
    name: 'shop.orders',
    columns: [
      ['id', 'int'],
      ['person', 'int'],
      ['state', 'text'],
    ],
  },
  {
    name: 'shop.events',
    columns: [
      ['id', 'int'],
      ['kind', 'text'],
      ['size', 'int'],
      ['secret', 'text', true],
    ],
  },
  {
    name: 'shop.v_people',
    columns: [
      ['id', 'int'],
      ['name', 'text'],
      ['tenant', 'int'],
      ['num', 'text', true],
      ['bin', 'text', true],
    ],
  },
  {
    name: 'shop.v_deep',
    columns: [
      ['id', 'int'],
      ['tenant', 'int'],
      ['loud', 'text', true],
    ],
  },
  {
    name: 'shop.v_totals',
    columns: [
      ['tenant', 'int'],
      ['people', 'int'],
    ],
  },
  {
    name: 'shop.v_orders',
    columns: [
      ['id', 'int'],
      ['name', 'text'],
      ['pan', 'text', true],
    ],
  },
  {
    name: 'shop.m_people',
    columns: [
      ['id', 'int'],
      ['pan', 'text', true],
    ],
  },
]

interface Column {
  readonly text: string
  readonly kind: Kind
  readonly masked: boolean
}

/** Makes random queries; `maskedShare` is how often a masked column is picked where one could be. */
export function queryGenerator(random: () => number, maskedShare: number): () => string {
  const below = (n: number): number => Math.floor(random() * n)
  const chance = (p: number): boolean => random() < p
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }

  const columnOf = (columns: readonly Column[], kind: Kind): string | undefined => {
    const masked = chance(maskedShare)
    const of = (wanted: boolean): readonly Column[] =>
      columns.filter((column) => column.kind === kind && column.masked === wanted)
    const fitting = of(masked).length > 0 || maskedShare === 0 ? of(masked) : of(!masked)
    return fitting.length === 0 ? undefined : pick(fitting).text
  }

  const vip = (): string => (chance(maskedShare / 2) ? 'pan' : 'perk')

  const expression = (kind: Kind, columns: readonly Column[], depth: number): string => {
    if (depth <= 0 || chance(0.35)) return columnOf(columns, kind) ?? constant(kind)
    const of = (other: Kind): string => expression(other, columns, depth - 1)
    switch (kind) {
      case 'text':
        return pick([
          () => `upper(${of('text')})`,
          () => `(${of('text')} || ${of('text')})`,
          () => `left(${of('text')}, ${1 + below(6)})`,
          () => `${of('int')}::text`,
          () => `coalesce(${of('text')}, '-')`,
          () => `case when ${of('bool')} then ${of('text')} else ${of('text')} end`,
          () => `replace(${of('text')}, '4', 'x')`,
          () => `nullif(${of('text')}, ${of('text')})`,
          () => `(${of('any')})::text`,
          () => `to_char(${of('date')}, 'YYYY-MM')`,
          () => `(to_jsonb(${of('any')}) #>> '{}')`,
          () => `jsonb_path_query_first(to_jsonb(${of('text')}), '$ ? (@ like_regex "${below(10)}")')::text`,
          () =>
            `jsonb_path_query_array(jsonb_build_array(${of('text')}, ${of('int')}), '$[*] ? (@ > ${below(20)})')::text`,
          () => `to_tsvector('simple', ${of('text')})::text`,
          () => `ts_headline('simple', ${of('text')}, to_tsquery('simple', 'note | 4'))`,
          () => `int4range(least(${of('int')}, 9), greatest(${of('int')}, 10))::text`,
          () => `${of('text')}::shop.pan::text`,
          () => (chance(0.1) ? `${of('text')}::regclass::text` : `to_regclass(${of('text')})::text`),
          () => `(row(${of('text')}, ${of('text')})::shop.address).city`,
          () => `(xpath('/a/text()', xmlelement(name a, ${of('text')})))[1]::text`,
          () => `format('%s %L', ${of('text')}, ${of('int')})`,
          () => `overlay(${of('text')} placing 'x' from ${1 + below(4)})`,
        ])()
      case 'int':
        return pick([
          () => `(${of('int')} + ${of('int')})`,
          () => `(${of('int')} - ${of('int')})`,
          () => `length(${of('text')})`,
          () => `(${of('int')} % 7)`,
          () => `(${of('int')} / nullif(${of('int')}, 0))`,
          () => `coalesce(${of('int')}, 0)`,
          () => `greatest(${of('int')}, ${of('int')})`,
          () => `extract(year from ${of('date')})::int`,
          () => `shop.twice(${of('int')})`,
          () => `ascii(${of('text')})`,
          () => `upper(int4range(least(${of('int')}, 9), greatest(${of('int')}, 10)))`,
          () => `cardinality(string_to_array(${of('text')}, '4'))`,
          () => `width_bucket(${of('int')}, array[2, 9, 70000])`,
          () => `num_nulls(${of('text')}, ${of('any')})`,
          () => `pg_column_size(${of('text')})`,
          () => `length(to_tsvector('simple', ${of('text')}))`,
          () => `jsonb_path_exists(to_jsonb(${of('int')}), '$ ? (@ > 9)')::int`,
          () => `(select count(*) from shop.orders o where o.person = ${of('int')})::int`,
          () => `(select max(v.visits) from shop.people v where v.name <> ${of('text')})`,
        ])()
      case 'bool':
        return pick([
          () => `${of('int')} ${pick(['<', '>', '=', '<>', '<=', '>='])} ${of('int')}`,
          () => `${of('text')} ${pick(['=', '<', '>', '<>'])} ${of('text')}`,
          () => `${of('text')} like '%${below(10)}%'`,
          () => `(${of('bool')} and ${of('bool')})`,
          () => `(${of('bool')} or not ${of('bool')})`,
          () => `${of('text')} is not null`,
          () => `${of('int')} in (${of('int')}, ${of('int')})`,
          () => `${of('int')} between ${of('int')} and ${of('int')}`,
          () => `(${of('int')}, ${of('text')}) ${pick(['<', '>=', '=', '<>'])} (${of('int')}, ${of('text')})`,
          () => `row(${of('text')}, ${of('int')}) is distinct from row(${of('text')}, ${of('int')})`,
          () => `${of('text')} ${pick(['~', '!~', '~*', 'ilike', '^@', 'similar to'])} '${below(10)}'`,
          () => `to_tsvector('simple', ${of('text')}) @@ to_tsquery('simple', '${below(10)} | note')`,
          () => `int4range(${below(9)}, null) @> ${of('int')}`,
          () => `${of('int')} = any (array[${of('int')}, ${of('int')}])`,
          () => `${of('text')} > all (select o.state from shop.orders o where o.id = ${of('int')})`,
          () => `exists (select 1 from shop.people v where v.id = ${of('int')} and v.name <> ${of('text')})`,
          () => `${of('text')} in (select v.${vip()} from shop.vips v)`,
          () => `starts_with(${of('text')}, '${below(10)}')`,
          () => `(${of('any')})::text like '%${below(10)}%'`,
        ])()
      case 'date':
        return pick([() => `(${of('date')} + ${below(9)})`, () => `coalesce(${of('date')}, date '2000-01-01')`])()
      case 'any':
        return pick([
          () => `row(${of('int')}, ${of('text')})`,
          () => `array[${of('text')}]`,
          () => `to_jsonb(${of('text')})`,
          () => `row(${of('text')}, ${of('text')})::shop.address`,
          () => `string_to_array(${of('text')}, '4')`,
          () => `jsonb_build_object(${of('text')}, ${of('any')})`,
          () => `json_object('k': ${of('text')}, 'n': ${of('int')})`,
          () => `xmlforest(${of('text')} as a, ${of('int')} as b)`,
          () => `daterange(${of('date')}, null)`,
        ])()
    }
  }

  const constant = (kind: Kind): string => {
    switch (kind) {
      case 'text':
        return `'${pick(['a', '4', 'open', 'note 3', '4444', '9'])}'`
      case 'int':
        return String(below(20))
      case 'bool':
        return pick(['true', 'false'])
      case 'date':
        return "date '1985-05-05'"
      case 'any':
        return 'array[1]'
    }
  }

  const from = (
    depth: number,
    ctes: readonly Source[],
  ): { readonly text: string; readonly columns: readonly Column[] } => {
    const parts: string[] = []
    const columns: Column[] = []
    const count = 1 + (chance(0.4) ? 1 : 0)
    for (let index = 0; index < count; index++) {
      const alias = `t${depth}_${index}`
      const nested = depth > 0 && chance(0.2)
      const source = nested ? undefined : pick([...sources, ...ctes])
      const sampled = source?.name.startsWith('shop.') === true && chance(0.01)
      const own: Column[] =
        source === undefined
          ? [
              { text: `${alias}.a`, kind: 'int', masked: false },
              { text: `${alias}.b`, kind: 'text', masked: true },
            ]
          : source.columns.map(([name, kind, masked]) => ({ text: `${alias}.${name}`, kind, masked: masked === true }))
      const item =
        source === undefined
          ? `(${select(depth - 1, ['int', 'text'], ctes)}) as ${alias} (a, b)`
          : `${source.name}${chance(0.5) ? ' as' : ''} ${alias}${sampled ? ` tablesample ${pick(['bernoulli', 'system'])} (60) repeatable (3)` : ''}`
      columns.push(...own)
      if (index === 0) parts.push(item)
      else
        parts.push(
          pick([
            () => `join ${item} on ${expression('bool', columns, 1)}`,
            () =>
              `left join ${item} on ${expression('int', columns.slice(0, -own.length), 0)} = ${expression('int', own, 0)}`,
            () => `cross join ${item}`,
          ])(),
        )
    }
    if (chance(0.12)) {
      parts.push(`cross join ${rowsOf(columns)}`)
      columns.push({ text: 'w.a', kind: 'text', masked: true })
    }
    return { text: parts.join(' '), columns }
  }

  /** A source whose rows are made from the columns that stand before it. */
  const rowsOf = (columns: readonly Column[]): string => {
    const of = (kind: Kind): string => expression(kind, columns, 1)
    return pick([
      () => `lateral (select ${of('text')} as a where ${of('bool')}) w`,
      () =>
        `lateral (select v.${vip()} || ${of('text')} as a from shop.vips v where v.id > ${of('int')} order by v.id limit 2) w`,
      () => `string_to_table(${of('text')}, '4') w (a)`,
      () => `unnest(array[${of('text')}, ${of('text')}]) with ordinality w (a, n)`,
      () => `regexp_split_to_table(${of('text')}, '[0-3]') w (a)`,
      () => `xmltable('/r/x' passing xmlelement(name r, xmlelement(name x, ${of('text')})) columns a text path '.') w`,
      () => `json_table(jsonb_build_array(${of('text')}, ${of('int')}), '$[*]' columns (a text path '$')) w`,
      () => `jsonb_array_elements_text(jsonb_build_array(${of('text')})) w (a)`,
      () => `lateral (values (${of('text')}), ('x')) w (a)`,
      () =>
        `lateral (with recursive r (a, n) as (select ${of('text')}, 1 union all select a || 'x', n + 1 from r where n < 3) select a from r) w`,
    ])()
  }

  /** A window, and what is computed over it. */
  const over = (kind: Kind, columns: readonly Column[]): string => {
    const of = (other: Kind): string => expression(other, columns, 1)
    // Frames whose rows are many and whose beginning moves would take time that grows with the square of the rows.
    const frame = pick([
      'rows between 1 preceding and current row',
      'rows between 2 preceding and 2 following exclude ties',
      'groups between unbounded preceding and current row',
      'range between unbounded preceding and unbounded following',
    ])
    const window = `over (${chance(0.4) ? `partition by ${of('int')} ` : ''}order by ${of(pick(['int', 'text']))}, 1 ${frame})`
    return kind === 'int'
      ? `${pick([`sum(${of('int')})`, 'count(*)', `count(*) filter (where ${of('bool')})`, 'row_number()', 'dense_rank()', 'ntile(3)'])} ${window}::int`
      : `${pick(['min', 'max', 'first_value', 'last_value', 'lag', 'lead'])}(${of('text')}) ${window}`
  }

  const select = (depth: number, kinds: readonly Kind[], ctes: readonly Source[]): string => {
    const { text, columns } = from(depth, ctes)
    const where = chance(0.5) ? ` where ${expression('bool', columns, 2)}` : ''
    if (chance(0.25)) {
      const key = columnOf(columns, 'int') ?? '1 + 1'
      const outputs = kinds.map((kind) =>
        kind === 'int'
          ? pick([
              'count(*)',
              `sum(${expression('int', columns, 1)})::int`,
              `max(${expression('int', columns, 1)})`,
              `(count(distinct ${expression('text', columns, 1)}) filter (where ${expression('bool', columns, 1)}))::int`,
              `percentile_disc(0.5) within group (order by ${expression('int', columns, 1)})`,
              key,
            ])
          : kind === 'text'
            ? pick([
                `${pick(['min', 'max'])}(${expression('text', columns, 1)})`,
                `string_agg(${expression('text', columns, 1)}, ',' order by ${expression('int', columns, 1)})`,
                `mode() within group (order by ${expression('text', columns, 1)})`,
              ])
            : kind === 'bool'
              ? `bool_or(${expression('bool', columns, 1)})`
              : `(array_agg(${expression(kind, columns, 0)}))[1]`,
      )
      const grouped = chance(0.7)
        ? key
        : `${pick(['rollup', 'cube', 'grouping sets'])} (${key}, ${columnOf(columns, 'text') ?? key})`
      const having = chance(0.3)
        ? ` having ${pick(['count(*) > 1', `max(${expression('text', columns, 1)}) > '4'`])}`
        : ''
      return `select ${outputs.join(', ')} from ${text}${where} group by ${grouped}${having}`
    }
    const outputs = kinds.map((kind) =>
      (kind === 'int' || kind === 'text') && chance(0.1) ? over(kind, columns) : expression(kind, columns, 2),
    )
    const distinct = chance(0.1) ? pick(['distinct ', `distinct on (${columnOf(columns, 'int') ?? '1'}) `]) : ''
    const by = pick([
      () => expression('int', columns, 1),
      () => `${expression('int', columns, 1)} using ${pick(['<', '>'])}`,
      () => `${expression('text', columns, 1)} using ${pick(['~<~', '~>~', '<', '>'])}`,
      () => `${expression('text', columns, 1)} collate "C" desc nulls first`,
    ])
    const order = chance(0.4) ? ` order by ${distinct === '' ? by() : '1'}` : ''
    const limit = chance(0.2)
      ? order !== '' && chance(0.3)
        ? ` fetch first ${1 + below(5)} rows with ties`
        : ` limit ${1 + below(5)}`
      : ''
    return `select ${distinct}${outputs.join(', ')} from ${text}${where}${order}${limit}`
  }

  /** A recursive query, with the clauses that it can have. */
  const recursive = (): string => {
    const { text, columns } = from(0, [])
    const search = pick(['', ' search depth first by b set o', ' cycle b set y using z'])
    const grown = pick([
      () => 'select a + 1, b || b from q where a < 4 and length(b) < 40',
      () =>
        `select q.a + 1, v.${chance(maskedShare) ? 'pan' : 'note'}::text from q join shop.people v on v.id = q.a + 1 where q.a < 5`,
      () =>
        `select q.a + 1, v.note from q join shop.people v on ${expression('text', [...columnsOf('v'), { text: 'q.b', kind: 'text', masked: true }], 1)} < q.b where q.a < 3`,
    ])()
    const first = `select 1, ${expression('text', columns, 1)}::text from ${text}`
    return `with recursive q (a, b) as (${first} union ${pick(['', 'all '])}${grown})${search} select a, ${pick(['b', 'length(b)', '1'])} from q order by 1, 2`
  }

  const columnsOf = (alias: string): Column[] =>
    (sources[0]?.columns ?? []).map(([name, kind, masked]) => ({
      text: `${alias}.${name}`,
      kind,
      masked: masked === true,
    }))

  return () => {
    const kinds = Array.from(
      { length: 1 + below(3) },
      (): Kind => pick(['text', 'int', 'int', 'text', 'bool', 'date', 'any']),
    )
    const ctes: Source[] = []
    let head = ''
    if (chance(0.2)) {
      head = `with q as ${chance(0.3) ? 'materialized ' : ''}(${select(0, ['int', 'text'], [])}) `.replace(
        'with q as',
        'with q (a, b) as',
      )
      ctes.push({
        name: 'q',
        columns: [
          ['a', 'int'],
          ['b', 'text', true],
        ],
      })
    }
    const body = select(1, kinds, ctes)
    if (head === '' && chance(0.15))
      return `(${body}) ${pick(['union all', 'union', 'except', 'intersect'])} (${select(1, kinds, [])})`
    if (head === '' && chance(0.1))
      return `copy (${body}) to stdout${pick(['', '', ' (format csv, header, force_quote *)', ' (format binary)'])}`
    if (chance(0.01))
      return `explain (${pick(['', 'analyze, timing off, summary off, buffers off, '])}costs off) ${head}${body}`
    if (chance(0.03)) return recursive()
    return head + body
  }
}
