// Random texts of several statements over the schema of the twins: prepared statements, cursors, temporary relations and
// writes, around random queries. Whatever begins a transaction is followed by a text that ends it.

const columns = [
  'id',
  'name',
  'tenant',
  'visits',
  'note',
  'email',
  'ssn',
  'salary',
  'pan',
  'doc',
  'tags',
  'home',
  'rate',
]

/** Makes texts: mostly queries as they are, and of some a session. */
export function sessionGenerator(random: () => number, query: () => string): () => string {
  const below = (n: number): number => Math.floor(random() * n)
  const chance = (p: number): boolean => random() < p
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const select = (): string => {
    for (;;) {
      const text = query()
      if (!text.startsWith('copy') && !text.startsWith('explain')) return text
    }
  }
  const value = (): string => pick(['note', 'name', 'pan', "'x'", 'ssn', 'left(email, 3)', "'9' || id", 'salary::text'])
  const condition = (): string =>
    pick([
      `id = ${below(25)}`,
      `id < ${below(9)}`,
      'true',
      `pan like '${below(10)}%'`,
      `salary > ${50_000 + below(1000)}`,
      `1 / (salary - ${50_100 + below(9)}) > 0`,
      `tenant = ${below(4)}`,
      "note is not null and ssn <> 'x'",
    ])
  const returning = (): string =>
    chance(0.4)
      ? ''
      : ` returning ${pick([
          `people.${pick(columns)}`,
          `old.${pick(columns)}, new.${pick(columns)}`,
          'people.*',
          'old',
          'new::text',
          `people.id, (select count(*) from shop.people v where v.pan < people.pan)`,
          `people.visits, people.tenant`,
        ])}`
  const write = (): string =>
    pick([
      () => `update shop.people set ${pick(['note', 'name'])} = ${value()} where ${condition()}${returning()}`,
      () => `update shop.people set visits = visits + 1 where ${condition()}${returning()}`,
      () => `update shop.people set ${pick(['salary', 'rate'])} = ${below(9)} where id = ${below(25)}${returning()}`,
      () =>
        `update shop.orders o set state = p.${pick(columns)}::text from shop.people p where p.id = o.person and p.${condition()} returning o.*`,
      () => `delete from shop.people where ${condition()}${returning()}`,
      () =>
        `delete from shop.orders where person in (select id from shop.people where ${condition()}) returning id, state`,
      () =>
        `insert into shop.people (id, name, ${pick(['note', 'ssn', 'email'])}) select 900 + id, name, ${value()} from shop.people where ${condition()}${returning()}`,
      () =>
        `insert into shop.people (id, name, pan) values (${900 + below(3)}, 'n', '${pick(['4444', '9321'])}000001010001') on conflict ${pick(['do nothing', `(pan) do update set note = ${pick(["'x'", 'excluded.pan', 'people.pan'])}`])}${returning()}`,
      () =>
        `insert into shop.people (id, name) values (${below(25)}, 'n') on conflict (id) do update set note = ${pick(["'x'", 'people.pan'])} where people.${condition()}${returning()}`,
      () =>
        `insert into shop.claims values (${below(9)}, '${pick(['4444', '9321'])}0000${pick(['0101', '0572'])}0001') returning *`,
      () => `insert into shop.audit ${select()}`,
      () =>
        `merge into shop.people using (values (${below(25)})) s (i) on people.id = s.i and people.${condition()} when matched ${pick(['', `and people.${condition()} `])}then ${pick(['delete', `update set note = ${value()}`, 'do nothing'])} when not matched then insert (id, name) values (900 + s.i, 'n')${returning().replace('returning', 'returning merge_action(),')}`,
      () =>
        `merge into shop.audit a using shop.people p on a.what = p.${pick(columns)}::text when not matched and p.${condition()} then insert values (p.${pick(columns)}::text) returning a.what`,
      () => `with w as (update shop.people set visits = 0 where ${condition()}${returning()}) select count(*) from w`,
    ])()
  const sessions: readonly (() => readonly string[])[] = [
    () => [`prepare p as ${select()}; execute p; execute p`, 'deallocate p'],
    () => [
      `prepare p as select id, ${pick(columns)} from people where ${condition()} order by 1`,
      'execute p',
      pick(['set search_path = public', 'discard plans', "set plan_cache_mode = 'force_generic_plan'"]),
      'execute p',
      'reset search_path; reset plan_cache_mode; deallocate p',
    ],
    () => [
      `prepare p (int, text) as select count(*) from shop.people where id > $1 and ${pick(columns)}::text > $2; execute p (${below(20)}, '${below(10)}')`,
      'deallocate p',
    ],
    () => [
      `begin; declare c ${pick(['', 'scroll ', 'no scroll '])}cursor for ${select()}; fetch ${pick(['1', 'all', '3', 'next'])} from c; ${pick(['move 1 in c; fetch 2 from c', 'fetch last from c', 'fetch all from c'])}; close c; commit`,
    ],
    () => [
      `begin; declare h cursor with hold for ${select()}; commit`,
      `fetch ${pick(['2', 'all'])} from h`,
      'close h',
    ],
    () => [`begin read write; create temp view tv as ${select()}; select * from tv; rollback`],
    () => [
      `begin read write; create temp table tt on commit drop as ${select()}; select count(*) from tt; table tt; rollback`,
    ],
    () => [
      `begin read write; create temp table g (a text, b int generated always as (length(a)) stored, unique (a)) on commit drop; insert into g select ${pick(columns)}::text from shop.people where ${condition()}; table g; rollback`,
    ],
    () => [
      `begin read write; create temp table e (a int4range, exclude using gist (a with &&)) on commit drop; insert into e select int4range(${pick(['salary', 'visits', 'id', 'length(pan)'])}, null) from shop.people where ${condition()}; select count(*) from e; rollback`,
    ],
    () => [
      `begin read write; create temp table d (a shop.pan check (a ${pick(["> '5'", 'is not null', "not like '4%'"])})) on commit drop; insert into d select ${pick(['pan', 'name', 'ssn'])} from shop.people; select count(*) from d; rollback`,
    ],
    () => [`begin; savepoint s; ${select()}; rollback to s; ${select()}; commit`],
    () => [`begin; ${write()}; ${chance(0.5) ? `${select()}; ` : ''}rollback`],
    () => [`begin; ${write()}; ${write()}; rollback`],
    () => [`begin; explain (analyze, timing off, summary off, costs off, buffers off) ${write()}; rollback`],
    () => [
      `copy ${pick(['shop.people', 'shop.vips', 'shop.v_people', 'shop.m_people', 'shop.events', 'shop.orders'])}${pick(['', ' (id)', ` (id, ${pick(['pan', 'secret', 'name'])})`])} to stdout`,
    ],
    () => [`begin; copy (${write()}) to stdout; rollback`],
    () => [`do $$ declare r record; begin for r in ${select()} loop raise notice '%', r; end loop; end $$`],
    () => [`${select()}; ${select()}`],
    () => [
      `select ${pick(['null_frac', 'n_distinct', 'most_common_vals::text', 'histogram_bounds::text', 'correlation', 'avg_width'])} from pg_stats where tablename = '${pick(['people', 'orders', 'events_a'])}' order by attname`,
    ],
    () => [
      `select ${pick(['pg_relation_size', 'pg_total_relation_size', 'pg_stat_get_live_tuples', 'obj_description'])}('shop.people'::regclass)`,
    ],
    () => [
      `select reltuples, relpages from pg_class where relname = '${pick(['people', 'people_pan_key', 'orders'])}'`,
    ],
    () => [`select * from query_to_xml($q$${select()}$q$, true, false, '')`],
    () => [
      `select set_config('a.b', (${pick([`select ${pick(columns)}::text from shop.people where id = ${below(9)}`, "select 'x'"])}), false)`,
      "select current_setting('a.b', true)",
    ],
  ]
  const waiting: string[] = []
  return () => {
    const next = waiting.shift()
    if (next !== undefined) return next
    if (!chance(0.06)) return query()
    const [first = '', ...rest] = pick(sessions)()
    waiting.push(...rest)
    if (first.startsWith('begin')) waiting.unshift('rollback')
    return first
  }
}
