// Many sessions at once whose connections are read into the same memory: what one sends or gets is never another's,
// whoever is slow to read it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { allowAll, startPostgresGateway } from '../../support/postgres-gateway.ts'
import { postgresMissing, startPostgres } from '../../support/postgres-server.ts'

const sessions = 16
const rounds = 6
const sizes = [5, 300, 9000, 40_000, 200_000, 1_200_000]

/** Text that tells whose it is and where in it one is. */
function filled(session: number, at: number, length: number): string {
  let text = ''
  for (let place = 0; text.length < length; place++) text += `${session}.${at}.${place};`
  return text.slice(0, length)
}

test('what many sessions at once send and get is their own, also where an end is slow', {
  skip: postgresMissing() ?? false,
}, async () => {
  const server = await startPostgres()
  const gateway = await startPostgresGateway({
    upstream: {
      host: '127.0.0.1',
      port: server.port,
      database: 'postgres',
      user: 'postgres',
      password: server.password,
    },
    policy: allowAll,
  })
  const wrong: string[] = []
  let right = 0
  const tell = (isRight: boolean, what: string): void => {
    if (isRight) right++
    else wrong.push(what)
  }
  try {
    await Promise.all(
      Array.from({ length: sessions }, async (_, session) => {
        const client = new pg.Client({
          host: gateway.host,
          port: gateway.port,
          database: gateway.database,
          user: gateway.user,
          password: gateway.password,
        })
        await client.connect()
        client.on('error', () => undefined)
        const { stream } = client.connection
        for (let at = 0; at < rounds; at++) {
          const length = sizes[(session * 5 + at) % sizes.length] ?? 0
          const sent = filled(session, at, length)
          // A reader that is slow now and then.
          const pausing = setInterval(() => {
            stream.pause()
            setTimeout(() => stream.resume(), 2)
          }, 4)
          const isSlow = (session + at) % 3 === 0
          if (!isSlow) clearInterval(pausing)
          const { rows } = await client.query('select $1::text as own, length($1::text) as chars', [sent])
          clearInterval(pausing)
          tell(rows[0]?.own === sent && rows[0]?.chars === length, `${session} ${at}: a bound text`)
          const made = await client.query(
            `select ${session} as who, i, repeat('${session}.${at};', 50) as own from generate_series(1, ${length % 3000}) i`,
          )
          const own = `${session}.${at};`.repeat(50)
          tell(
            made.rows.length === length % 3000 &&
              made.rows.every((row, index) => row.who === session && row.i === index + 1 && row.own === own),
            `${session} ${at}: many rows`,
          )
          if (length <= 40_000) {
            const simple = await client.query(`select '${sent}' as own`)
            tell(simple.rows[0]?.own === sent, `${session} ${at}: a text within a statement`)
          }
        }
        await client.end()
      }),
    )
  } finally {
    await gateway.stop()
    await server.stop()
  }
  assert.deepEqual(wrong, [])
  assert.ok(right >= sessions * rounds * 2)
})
