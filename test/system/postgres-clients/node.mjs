// One flow by each client of npm, against the server that the environment of libpq names: `node node.mjs CLIENT`.
import { createRequire } from 'node:module'
import { join } from 'node:path'

// The clients are installed where the test says, and not beside this file.
const load = createRequire(join(process.cwd(), 'package.json'))
const { PGHOST: host, PGPORT: port, PGUSER: user, PGPASSWORD: password, PGDATABASE: database } = process.env
const place = { host, port: Number(port), user, password, database }
const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`
const say = (what, value) => console.log(`${what}: ${JSON.stringify(value)}`)

const flows = {
  async pg() {
    const pg = load('pg')
    const pool = new pg.Pool({ ...place, max: 3 })
    await pool.query(
      'drop table if exists c_pg; create table c_pg(id int primary key, v jsonb, at timestamptz, b bytea, tags text[])',
    )
    const at = new Date('2026-01-02T03:04:05Z')
    const insert = { name: 'ins', text: 'insert into c_pg values ($1, $2, $3, $4, $5)' }
    for (let id = 0; id < 20; id++)
      await pool.query({ ...insert, values: [id, { id }, at, Buffer.from([0, id, 255]), ['x', `t${id}`]] })
    say('row', (await pool.query('select * from c_pg where id = $1', [7])).rows[0])
    say('error', await pool.query(insert.text, [1, null, null, null, null]).catch(({ code }) => code))
    const one = await pool.connect()
    await one.query('begin')
    await one.query('delete from c_pg where id > $1', [3])
    await one.query('savepoint s')
    say('in transaction', await one.query('select 1/0').catch(({ code }) => code))
    await one.query('rollback to s')
    say('count', (await one.query('select count(*)::int from c_pg')).rows)
    await one.query('rollback')
    say('after', (await one.query('select count(*)::int from c_pg')).rows)
    one.release()
    const many = await Promise.all([...Array(30).keys()].map((n) => pool.query('select $1::int * 2 as n', [n])))
    say(
      'many',
      many.map(({ rows }) => rows[0].n),
    )
    say(
      'big',
      (await pool.query('select i, repeat(md5(i::text), 20) as t from generate_series(1, 20000) i')).rows.length,
    )
    await pool.end()
  },
  async postgres() {
    const sql = load('postgres')({ ...place, max: 2, onnotice: () => undefined })
    await sql`drop table if exists c_js`
    await sql`create table c_js(id int generated always as identity, name text, meta jsonb)`
    const people = [
      { name: 'a', meta: { x: 1 } },
      { name: "o'b", meta: null },
    ]
    say('inserted', await sql`insert into c_js ${sql(people)} returning id, name`)
    say('found', await sql`select * from c_js where name = ${"o'b"}`)
    say('transaction', await sql.begin(async (t) => [await t`select 1 as x`, await t`select 2 as y`]))
    say('pipelined', (await Promise.all([sql`select 1 as a`, sql`select 2 as b`, sql`select 3 as c`])).flat())
    let rows = 0
    await sql`select * from generate_series(1, 5000) n`.cursor(700, (part) => {
      rows += part.length
    })
    say('cursor', rows)
    say('error', await sql`select * from nowhere`.catch(({ code }) => code))
    await sql.end()
  },
  async knex() {
    const knex = load('knex')({ client: 'pg', connection: place, pool: { min: 0, max: 3 } })
    await knex.schema.dropTableIfExists('c_knex')
    await knex.schema.createTable('c_knex', (table) => {
      table.increments('id')
      table.string('name').notNullable()
      table.decimal('total', 10, 2)
    })
    await knex('c_knex').insert([
      { name: 'a', total: 1.5 },
      { name: 'b', total: 2 },
    ])
    say('rows', await knex('c_knex').where('total', '>', 1).orderBy('id').select('name', 'total'))
    say('updated', await knex('c_knex').where({ name: 'a' }).update({ total: 9 }).returning(['id', 'total']))
    say(
      'rolled back',
      await knex
        .transaction(async (t) => {
          await t('c_knex').delete()
          throw new Error('no')
        })
        .catch(({ message }) => message),
    )
    say('count', await knex('c_knex').count())
    say('column', await knex.schema.hasColumn('c_knex', 'total'))
    await knex.destroy()
  },
  async drizzle() {
    const { drizzle } = load('drizzle-orm/node-postgres')
    const { pgTable, integer, text } = load('drizzle-orm/pg-core')
    const { eq, sql } = load('drizzle-orm')
    const pool = new (load('pg').Pool)(place)
    const db = drizzle(pool)
    const table = pgTable('c_drizzle', { id: integer('id').primaryKey(), name: text('name') })
    await db.execute(sql`drop table if exists c_drizzle`)
    await db.execute(sql`create table c_drizzle(id int primary key, name text)`)
    say(
      'inserted',
      await db
        .insert(table)
        .values([
          { id: 1, name: 'a' },
          { id: 2, name: 'b' },
        ])
        .returning(),
    )
    say('updated', await db.update(table).set({ name: 'c' }).where(eq(table.id, 2)).returning())
    say(
      'rolled back',
      await db
        .transaction(async (t) => {
          await t.delete(table).where(eq(table.id, 1))
          t.rollback()
        })
        .catch(() => 'rolled back'),
    )
    say('rows', await db.select().from(table).orderBy(table.id))
    await pool.end()
  },
  async sequelize() {
    const { Sequelize, DataTypes } = load('sequelize')
    const db = new Sequelize(url, { logging: false, dialect: 'postgres' })
    await db.authenticate()
    const Thing = db.define(
      'thing',
      { name: DataTypes.STRING, tags: DataTypes.ARRAY(DataTypes.STRING), meta: DataTypes.JSONB },
      { timestamps: false, tableName: 'c_sequelize' },
    )
    await Thing.sync({ force: true })
    await Thing.bulkCreate([
      { name: 'a', tags: ['x'], meta: { n: 1 } },
      { name: 'b', tags: [], meta: null },
    ])
    say('rows', await Thing.findAll({ order: ['id'], raw: true }))
    say('found', await Thing.findOne({ where: { 'meta.n': 1 }, raw: true }))
    await db.transaction((transaction) => Thing.update({ name: 'z' }, { where: { id: 1 }, transaction }))
    say('count', await Thing.count({ where: { name: 'z' } }))
    say('destroyed', await Thing.destroy({ where: { id: 2 } }))
    await db.close()
  },
  async typeorm() {
    const { DataSource, EntitySchema } = load('typeorm')
    const Thing = new EntitySchema({
      name: 'c_typeorm',
      columns: { id: { type: Number, primary: true, generated: true }, name: { type: String } },
    })
    const db = new DataSource({
      type: 'postgres',
      ...place,
      username: user,
      entities: [Thing],
      synchronize: true,
      dropSchema: false,
      installExtensions: false,
    })
    await db.initialize()
    const things = db.getRepository(Thing)
    await things.createQueryBuilder().delete().where('id > 0').execute()
    const saved = await things.save([{ name: 'a' }, { name: 'b' }])
    say(
      'saved',
      saved.map(({ name }) => name),
    )
    say('counted', await things.countBy({ name: 'a' }))
    say(
      'rolled back',
      await db
        .transaction(async (t) => {
          await t.update(Thing, { name: 'a' }, { name: 'q' })
          throw new Error('no')
        })
        .catch(({ message }) => message),
    )
    say(
      'names',
      (await things.find({ order: { name: 'ASC' } })).map(({ name }) => name),
    )
    await db.destroy()
  },
}

await flows[process.argv[2]]()
