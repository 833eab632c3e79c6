// Hostile bytes: bundle archives, PostgreSQL messages, SQL texts and recordings end in their own error or a value.
import { BundleError, readArchive, writeArchive } from '../../bundles/format/index.ts'
import { builtinCatalog, createSqlAnalyzer, decodeStatement, SqlSession } from '../../engine/action/sql/index.ts'
import {
  decodeBind,
  decodeExecute,
  decodeFirstMessage,
  decodeNamed,
  decodeParse,
  decodeQuery,
  decodeRow,
  decodeRowDescription,
  FrameReader,
  WireError,
} from '../../proxy/postgres/wire/index.ts'
import { decodeSegment } from '../../proxy/recording/frame.ts'
import { RecordingError } from '../../proxy/recording/index.ts'

export const name = 'bytes'

const archive = writeArchive([
  { path: 'a/policy.rego', bytes: Buffer.from('package a\n\nallow := true\n') },
  { path: 'data.json', bytes: Buffer.from('{"a":{"b":[1,2,3]}}') },
  { path: '.manifest', bytes: Buffer.from('{"revision":"1"}') },
])
const statements = [
  "SELECT a.b, count(*) FROM pg_class a JOIN pg_proc p ON a.oid = p.oid WHERE a.relname LIKE 'x%' GROUP BY 1",
  'WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d',
  'EXPLAIN (ANALYZE) UPDATE t SET x = (SELECT 1) WHERE y = ANY($1)',
  'COPY (SELECT * FROM pg_class) TO STDOUT',
  'DO $$ BEGIN PERFORM 1; END $$',
  'MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE',
]

/** Feeds mutated bytes to every decoder until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const analyzer = await createSqlAnalyzer(18, builtinCatalog())
  const failures: string[] = []
  let cases = 0
  const attempt = (what: string, work: () => void, known: (error: unknown) => boolean): void => {
    cases++
    try {
      work()
    } catch (error) {
      if (!known(error))
        failures.push(`${what}: ${error instanceof Error ? (error.stack ?? '').slice(0, 400) : String(error)}`)
    }
  }
  const isWire = (error: unknown): boolean => error instanceof WireError
  const decoders = [decodeBind, decodeParse, decodeQuery, decodeExecute, decodeNamed, decodeRow, decodeRowDescription]
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    const noise = Buffer.from(
      Array.from({ length: Math.floor(random() * 60) }, () => (random() < 0.5 ? 0 : Math.floor(random() * 256))),
    )
    for (const decode of decoders) attempt(decode.name, () => void decode(noise), isWire)
    attempt(
      'first message',
      () => void decodeFirstMessage(Buffer.concat([Buffer.from([0, 0, 0, noise.length + 4]), noise])),
      isWire,
    )
    attempt('frames', () => void new FrameReader(1024).push(noise), isWire)
    attempt(
      'segment',
      () => void decodeSegment(Buffer.concat([Buffer.from('SALLYREC\u0001', 'latin1'), noise])),
      (error) => error instanceof RecordingError,
    )
    const sql = Buffer.from(mutated(Buffer.from(statements[Math.floor(random() * statements.length)] ?? ''), random))
    attempt(
      'sql',
      () => {
        const text = decodeStatement(sql)
        if (typeof text === 'string') analyzer.analyzeNow(text, SqlSession.start('u'))
      },
      () => false,
    )
    cases++
    const changed = mutated(archive, random)
    await readArchive([changed]).catch((error: unknown) => {
      if (!(error instanceof BundleError))
        failures.push(`archive: ${error instanceof Error ? (error.stack ?? '').slice(0, 400) : String(error)}`)
    })
  }
  return { cases, failures }
}

function mutated(bytes: Uint8Array, random: () => number): Buffer {
  const copy = Buffer.from(bytes)
  for (let change = Math.floor(random() * 3); change >= 0; change--)
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256)
  return random() < 0.2 ? copy.subarray(0, Math.floor(random() * copy.length)) : copy
}
