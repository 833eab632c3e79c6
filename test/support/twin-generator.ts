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
        ])()
      case 'date':
        return pick([() => `(${of('date')} + ${below(9)})`, () => `coalesce(${of('date')}, date '2000-01-01')`])()
      case 'any':
        return pick([
          () => `row(${of('int')}, ${of('text')})`,
          () => `array[${of('text')}]`,
          () => `to_jsonb(${of('text')})`,
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
          : `${source.name}${chance(0.5) ? ' as' : ''} ${alias}`
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
    return { text: parts.join(' '), columns }
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
              key,
            ])
          : kind === 'text'
            ? `${pick(['min', 'max'])}(${expression('text', columns, 1)})`
            : kind === 'bool'
              ? `bool_or(${expression('bool', columns, 1)})`
              : `(array_agg(${expression(kind, columns, 0)}))[1]`,
      )
      return `select ${outputs.join(', ')} from ${text}${where} group by ${key}${chance(0.3) ? ' having count(*) > 1' : ''}`
    }
    const outputs = kinds.map((kind) => expression(kind, columns, 2))
    const distinct = chance(0.1) ? 'distinct ' : ''
    const order = chance(0.4) ? ` order by ${distinct === '' ? expression('int', columns, 1) : '1'}` : ''
    const limit = chance(0.2) ? ` limit ${1 + below(5)}` : ''
    return `select ${distinct}${outputs.join(', ')} from ${text}${where}${order}${limit}`
  }

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
    if (head === '' && chance(0.1)) return `copy (${body}) to stdout`
    return head + body
  }
}
