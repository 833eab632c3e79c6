// The store in SQL that SQLite and PostgreSQL share; what differs lies in the drivers.
import {
  type AddedUsage,
  bodyCharsMax,
  type Change,
  type HoldStatus,
  listMax,
  revocationsPage,
  type Storage,
  StorageError,
  type StoredAnswer,
  type StoredBeat,
  type StoredGrant,
  type StoredHold,
  type StoredRevocation,
  type StoredSession,
  type StoredUsage,
  usagesMax,
} from './contract.ts'
import type { Driver, SqlRow, SqlValue } from './driver.ts'

const holdStatuses: readonly HoldStatus[] = ['open', 'approved', 'denied', 'cancelled', 'expired', 'released']
const answers = ['approve', 'deny'] as const
const revocationKinds = ['token', 'subject', 'session', 'grant', 'approver'] as const
/** Ended holds are kept this long, so that people can see what became of them. */
const endedHoldsMs = 7 * 86_400_000
/** Totals are kept this long after their window, since the clocks of gateways differ. */
const endedUsageMs = 86_400_000

/** Shared state over a driver whose schema is up to date. */
export class SqlStorage implements Storage {
  readonly #driver: Driver
  constructor(driver: Driver) {
    this.#driver = driver
  }

  get isShared(): boolean {
    return this.#driver.isShared
  }

  async beat(run: string): Promise<void> {
    // After a power failure no run is left.
    await this.#driver.query(
      'INSERT INTO sallyport_gateway (run, beat) VALUES (?, 1) ON CONFLICT (run) DO UPDATE SET beat = sallyport_gateway.beat + 1',
      checked([run]),
      'late',
    )
  }

  async beats(): Promise<readonly StoredBeat[]> {
    const rows = await this.#run(`SELECT run, beat FROM sallyport_gateway ORDER BY run LIMIT ${listMax}`, [])
    return rows.map((row) => ({ run: text(row, 'run'), beat: count(row, 'beat') }))
  }

  async endRun(run: string): Promise<number> {
    await this.#run('DELETE FROM sallyport_gateway WHERE run = ?', [run])
    const sql = "UPDATE sallyport_hold SET status = 'cancelled' WHERE run = ? AND status = 'open' RETURNING id"
    const ended = await this.#run(sql, [run])
    for (const row of ended) await this.#tell('holds', text(row, 'id'))
    return ended.length
  }

  async holdingRuns(): Promise<readonly string[]> {
    const sql = `SELECT DISTINCT run FROM sallyport_hold WHERE status = 'open' LIMIT ${listMax}`
    return (await this.#run(sql, [])).map((row) => text(row, 'run'))
  }

  async putSession(session: StoredSession): Promise<void> {
    await this.#run(
      'INSERT INTO sallyport_session (id, gateway, started_at, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
      [session.id, session.gateway, session.startedAtMs, session.body],
    )
    await this.#tell('sessions', session.id)
  }

  async removeSession(id: string): Promise<void> {
    const gone = await this.#run('DELETE FROM sallyport_session WHERE id = ? RETURNING id', [id])
    if (gone.length > 0) await this.#tell('sessions', id)
  }

  async sessions(): Promise<readonly StoredSession[]> {
    const rows = await this.#run(
      `SELECT id, gateway, started_at, body FROM sallyport_session ORDER BY started_at, id LIMIT ${listMax}`,
      [],
    )
    return rows.map((row) => ({
      id: text(row, 'id'),
      gateway: text(row, 'gateway'),
      startedAtMs: count(row, 'started_at'),
      body: text(row, 'body'),
    }))
  }

  async openHold(hold: Omit<StoredHold, 'status'>): Promise<boolean> {
    const made = await this.#run(
      "INSERT INTO sallyport_hold (id, run, session_id, digest, status, created_at, expires_at, body) VALUES (?, ?, ?, ?, 'open', ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id",
      [hold.id, hold.run, hold.sessionId, hold.digest, hold.createdAtMs, hold.expiresAtMs, hold.body],
    )
    if (made.length > 0) await this.#tell('holds', hold.id)
    return made.length > 0
  }

  async hold(id: string): Promise<StoredHold | undefined> {
    const [row] = await this.#run(`SELECT ${holdColumns} FROM sallyport_hold WHERE id = ?`, [id])
    return row === undefined ? undefined : readHold(row)
  }

  async holds(status: HoldStatus): Promise<readonly StoredHold[]> {
    const sql = `SELECT ${holdColumns} FROM sallyport_hold WHERE status = ? ORDER BY created_at, id LIMIT ${listMax}`
    return (await this.#run(sql, [status])).map(readHold)
  }

  async moveHold(id: string, from: HoldStatus, to: HoldStatus): Promise<boolean> {
    const moved = await this.#run('UPDATE sallyport_hold SET status = ? WHERE id = ? AND status = ? RETURNING id', [
      to,
      id,
      from,
    ])
    if (moved.length > 0) await this.#tell('holds', id)
    return moved.length > 0
  }

  async addAnswer(answer: StoredAnswer): Promise<boolean> {
    // One statement, so that an answer cannot slip in beside a hold that is just ending.
    const added = await this.#run(
      "INSERT INTO sallyport_answer (hold_id, approver, answer, at, body) SELECT id, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT) FROM sallyport_hold WHERE id = ? AND status = 'open' AND expires_at > ? ON CONFLICT (hold_id, approver) DO NOTHING RETURNING hold_id",
      [answer.approver, answer.answer, answer.atMs, answer.body, answer.holdId, answer.atMs],
    )
    if (added.length > 0) await this.#tell('holds', answer.holdId)
    return added.length > 0
  }

  async answers(holdId: string): Promise<readonly StoredAnswer[]> {
    const sql = `SELECT hold_id, approver, answer, at, body FROM sallyport_answer WHERE hold_id = ? ORDER BY at, approver LIMIT ${listMax}`
    return (await this.#run(sql, [holdId])).map((row) => ({
      holdId: text(row, 'hold_id'),
      approver: text(row, 'approver'),
      answer: oneOf(row, 'answer', answers),
      atMs: count(row, 'at'),
      body: text(row, 'body'),
    }))
  }

  async answeredHolds(run: string): Promise<readonly string[]> {
    const sql = `SELECT DISTINCT hold_id FROM sallyport_answer JOIN sallyport_hold ON hold_id = id WHERE run = ? AND status = 'open' LIMIT ${listMax}`
    return (await this.#run(sql, [run])).map((row) => text(row, 'hold_id'))
  }

  async putGrant(grant: StoredGrant): Promise<boolean> {
    const made = await this.#run(
      'INSERT INTO sallyport_grant (id, subject, expires_at, uses_left, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id',
      [grant.id, grant.subject, grant.expiresAtMs, grant.usesLeft, grant.body],
    )
    if (made.length > 0) await this.#tell('grants', grant.id)
    return made.length > 0
  }

  async grants(subject: string | undefined, nowMs: number): Promise<readonly StoredGrant[]> {
    const whose = subject === undefined ? '' : ' AND subject = ?'
    const sql = `SELECT id, subject, expires_at, uses_left, body FROM sallyport_grant WHERE expires_at > ?${whose} ORDER BY expires_at, id LIMIT ${listMax}`
    return (await this.#run(sql, subject === undefined ? [nowMs] : [nowMs, subject])).map((row) => ({
      id: text(row, 'id'),
      subject: text(row, 'subject'),
      expiresAtMs: count(row, 'expires_at'),
      usesLeft: count(row, 'uses_left'),
      body: text(row, 'body'),
    }))
  }

  async useGrant(id: string, nowMs: number): Promise<boolean> {
    const used = await this.#run(
      'UPDATE sallyport_grant SET uses_left = uses_left - 1 WHERE id = ? AND uses_left > 0 AND expires_at > ? RETURNING id',
      [id, nowMs],
    )
    if (used.length > 0) await this.#tell('grants', id)
    return used.length > 0
  }

  async removeGrant(id: string): Promise<boolean> {
    const gone = await this.#run('DELETE FROM sallyport_grant WHERE id = ? RETURNING id', [id])
    if (gone.length > 0) await this.#tell('grants', id)
    return gone.length > 0
  }

  async revoke(revocation: StoredRevocation): Promise<void> {
    const { kind, value, atMs, expiresAtMs, reason } = revocation
    // A second revocation never shortens the first, and ends what was issued since.
    const { largest } = this.#driver
    await this.#run(
      `INSERT INTO sallyport_revocation (kind, value, at, expires_at, reason) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, value) DO UPDATE SET at = ${largest}(excluded.at, sallyport_revocation.at), expires_at = ${largest}(excluded.expires_at, sallyport_revocation.expires_at)`,
      [kind, value, atMs, expiresAtMs, reason],
    )
    await this.#tell('revocations', `${kind}:${value}`)
  }

  async revocation(kind: StoredRevocation['kind'], value: string): Promise<StoredRevocation | undefined> {
    const sql = `SELECT ${revocationColumns} FROM sallyport_revocation WHERE kind = ? AND value = ?`
    const [row] = await this.#run(sql, [kind, value])
    return row === undefined ? undefined : readRevocation(row)
  }

  async revocations(
    nowMs: number,
    after?: Pick<StoredRevocation, 'kind' | 'value'>,
  ): Promise<readonly StoredRevocation[]> {
    const behind = after === undefined ? '' : ' AND (kind, value) > (?, ?)'
    const sql = `SELECT ${revocationColumns} FROM sallyport_revocation WHERE expires_at > ?${behind} ORDER BY kind, value LIMIT ${revocationsPage}`
    return (await this.#run(sql, after === undefined ? [nowMs] : [nowMs, after.kind, after.value])).map(readRevocation)
  }

  async useOnce(name: string, untilMs: number): Promise<boolean> {
    const sql =
      'INSERT INTO sallyport_once (name, expires_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING RETURNING name'
    return (await this.#run(sql, [name, untilMs])).length > 0
  }

  async isUsed(name: string): Promise<boolean> {
    return (await this.#run('SELECT name FROM sallyport_once WHERE name = ?', [name])).length > 0
  }

  async addUsage(added: readonly AddedUsage[]): Promise<readonly StoredUsage[]> {
    if (added.length === 0) return []
    if (added.length > usagesMax) throw new StorageError('too_large', `more than ${usagesMax} totals`)
    // In one order everywhere, so that gateways wait for each other and never in a circle.
    const ordered = [...added].sort((a, b) => (a.root < b.root ? -1 : 1))
    const values = ordered.map(() => '(?, ?, ?, ?, ?, ?, ?)').join(', ')
    const rows = await this.#driver.query(
      `INSERT INTO sallyport_usage (root, period, actions, row_count, bytes, affected, ends_at) VALUES ${values} ON CONFLICT (root, period) DO UPDATE SET actions = sallyport_usage.actions + excluded.actions, row_count = sallyport_usage.row_count + excluded.row_count, bytes = sallyport_usage.bytes + excluded.bytes, affected = sallyport_usage.affected + excluded.affected, ends_at = excluded.ends_at RETURNING root, actions, row_count, bytes, affected`,
      checked(
        ordered.flatMap(({ root, window, actions, rows: read, bytes, affected, endsAtMs }) => [
          root,
          window,
          actions,
          read,
          bytes,
          affected,
          endsAtMs,
        ]),
      ),
      'late',
    )
    const totals = new Map(rows.map((row) => [text(row, 'root'), usageOf(row)]))
    return added.map(({ root }) => {
      const total = totals.get(root)
      if (total === undefined) throw new StorageError('corrupt', 'usage was not kept')
      return total
    })
  }

  async prune(nowMs: number): Promise<void> {
    await this.#run('DELETE FROM sallyport_grant WHERE expires_at <= ?', [nowMs])
    await this.#run('DELETE FROM sallyport_once WHERE expires_at <= ?', [nowMs])
    await this.#run('DELETE FROM sallyport_revocation WHERE expires_at <= ?', [nowMs])
    await this.#run('DELETE FROM sallyport_usage WHERE ends_at <= ?', [nowMs - endedUsageMs])
    await this.#run("DELETE FROM sallyport_hold WHERE status <> 'open' AND expires_at <= ?", [nowMs - endedHoldsMs])
    await this.#run('DELETE FROM sallyport_answer WHERE hold_id NOT IN (SELECT id FROM sallyport_hold)', [])
  }

  subscribe(callback: (change: Change) => void): () => void {
    return this.#driver.subscribe(callback)
  }

  async ping(): Promise<void> {
    await this.#run('SELECT 1', [])
  }

  close(): Promise<void> {
    return this.#driver.close()
  }

  async #run(sql: string, parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return await this.#driver.query(sql, checked(parameters))
  }

  #tell(topic: Change['topic'], id: string): Promise<void> {
    return this.#driver.notify({ topic, id })
  }
}

function checked(parameters: readonly SqlValue[]): readonly SqlValue[] {
  for (const value of parameters) {
    if (typeof value === 'string' && value.length > bodyCharsMax)
      throw new StorageError('too_large', `more than ${bodyCharsMax} characters`)
    if (typeof value === 'string' && value.includes('\0')) throw new StorageError('corrupt', 'texts have no NUL')
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      throw new StorageError('corrupt', 'numbers are whole')
  }
  return parameters
}

function usageOf(row: SqlRow): StoredUsage {
  return {
    actions: count(row, 'actions'),
    rows: count(row, 'row_count'),
    bytes: count(row, 'bytes'),
    affected: count(row, 'affected'),
  }
}

const revocationColumns = 'kind, value, at, expires_at, reason'

function readRevocation(row: SqlRow): StoredRevocation {
  return {
    kind: oneOf(row, 'kind', revocationKinds),
    value: text(row, 'value'),
    atMs: count(row, 'at'),
    expiresAtMs: count(row, 'expires_at'),
    reason: text(row, 'reason'),
  }
}

const holdColumns = 'id, run, session_id, digest, status, created_at, expires_at, body'

function readHold(row: SqlRow): StoredHold {
  return {
    id: text(row, 'id'),
    run: text(row, 'run'),
    sessionId: text(row, 'session_id'),
    digest: text(row, 'digest'),
    status: oneOf(row, 'status', holdStatuses),
    createdAtMs: count(row, 'created_at'),
    expiresAtMs: count(row, 'expires_at'),
    body: text(row, 'body'),
  }
}

function text(row: SqlRow, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new StorageError('corrupt', `\`${column}\` is no text`)
  return value
}

/** PostgreSQL gives BIGINT as text. */
function count(row: SqlRow, column: string): number {
  const value = Number(row[column])
  if (!Number.isSafeInteger(value)) throw new StorageError('corrupt', `\`${column}\` is no whole number`)
  return value
}

function oneOf<T extends string>(row: SqlRow, column: string, known: readonly T[]): T {
  const value = known.find((one) => one === row[column])
  if (value === undefined) throw new StorageError('corrupt', `\`${column}\` has an unknown value`)
  return value
}
