// What the session holds that changes the meaning of later texts: search path, temporary objects, prepared
// statements, cursors. A value: each statement gives the session as it stands after it, and the caller moves on when
// the server has said that the statement completed.
import type { Catalog, CatalogChange } from './catalog/catalog.ts'

/** A prepared statement or cursor made by SQL text: the tree that runs when its name is used. */
export interface NamedQuery {
  readonly name: string
  /** The parse tree of its query. */
  readonly tree: unknown
  /** Cursors that outlive their transaction. */
  readonly hold: boolean
  /** The session at the time it was made; names were read then. */
  readonly session: SqlSession
  /** What its names were found to stand for then, and the types its parameters were declared to have. */
  readonly meaning?: string
  readonly types?: readonly unknown[]
}

interface State {
  readonly user: string
  readonly role: string
  readonly searchPath: readonly string[]
  /** True when something ran that may have changed the search path out of sight. */
  readonly doubtful: boolean
  /** The session's own changes of the catalog, temporary objects included. */
  readonly overlay: Overlay | undefined
  /** What the session's own connection said of the catalog after those changes. */
  readonly reading: Reading | undefined
  readonly prepared: ReadonlyMap<string, NamedQuery>
  readonly cursors: ReadonlyMap<string, NamedQuery>
  readonly transaction: Transaction | undefined
}

/** What the session did to the catalog, on top of a snapshot that may not hold it yet. */
interface Overlay {
  readonly changes: readonly CatalogChange[]
  readonly base: Catalog
  readonly catalog: Catalog
  /** The generation of the snapshot at hand when the last change was judged, or committed. */
  readonly since: number
}

/** The catalog as one connection sees it, changes that are not committed and temporary objects among them. */
interface Reading {
  /** The changes it was read after. */
  readonly overlay: Overlay
  /** The generation of the shared snapshot then: what others do shows in a later one first. */
  readonly generation: number
  readonly catalog: Catalog
}

/**
 * Readings of the server that must begin after a change before they are taken to hold it: the first of them may have been
 * answered before the change was there.
 */
const settledAfter = 2

/** Definitions of one session that are kept apart; beyond them all names are known to have changed, and no more. */
const changesMax = 1_000

interface Transaction {
  readonly begin: State
  readonly savepoints: readonly (readonly [string, State])[]
  /** Search path set by SET LOCAL ends with the transaction. */
  readonly sessionPath: readonly string[]
  /** The path that comes back then is not known. */
  readonly sessionDoubtful: boolean
  /** No BEGIN was said: it holds what is said at once, a text of several statements or what comes before a Sync. */
  readonly implicit: boolean
}

const nothing: ReadonlyMap<string, NamedQuery> = new Map()

/** The part of a session's state that names depend on. */
export class SqlSession {
  readonly #state: State
  // A transaction that leaves nothing behind begins and ends in the same two sessions each time: what was remembered
  // under them is found again.
  #begun: SqlSession | undefined
  #implied: SqlSession | undefined
  /** The session before BEGIN, where nothing but BEGIN has changed it. */
  #before: SqlSession | undefined
  #key: string | undefined

  private constructor(state: State) {
    this.#state = state
  }

  /** A fresh session of `user` with the search path that the server reported. */
  static start(user: string, searchPath: readonly string[] = ['$user', 'public']): SqlSession {
    return new SqlSession({
      user,
      role: user,
      searchPath,
      doubtful: false,
      overlay: undefined,
      reading: undefined,
      prepared: nothing,
      cursors: nothing,
      transaction: undefined,
    })
  }

  get user(): string {
    return this.#state.user
  }

  get role(): string {
    return this.#state.role
  }

  get searchPath(): readonly string[] {
    return this.#state.searchPath
  }

  get doubtful(): boolean {
    return this.#state.doubtful
  }

  get inTransaction(): boolean {
    return this.#state.transaction !== undefined
  }

  /** In a transaction that nobody began by name. */
  get inImplicit(): boolean {
    return this.#state.transaction?.implicit === true
  }

  /** The catalog as this session sees it. */
  catalog(shared: Catalog): Catalog {
    const { overlay, reading } = this.#state
    if (overlay === undefined) return shared
    if (reading !== undefined && isCurrent(reading, overlay, shared)) return reading.catalog
    if (overlay.base === shared) return overlay.catalog
    const known = replayed.get(overlay)
    if (known?.shared === shared && known.settled === this.#isSettled(shared)) return known.catalog
    const settled = this.#isSettled(shared)
    const catalog = (settled ? temporaryOf(overlay.changes) : overlay.changes).reduce(
      (below, change) => below.with(change),
      shared,
    )
    replayed.set(overlay, { shared, settled, catalog })
    return catalog
  }

  /** True when there are changes of its own that its own connection has not been asked about. */
  isUnread(shared: Catalog): boolean {
    const { overlay, reading } = this.#state
    return overlay !== undefined && (reading === undefined || !isCurrent(reading, overlay, shared))
  }

  /** True when what code did that nobody saw can be known from the session's own connection only. */
  get mayHideObjects(): boolean {
    return this.#state.overlay?.changes.includes(unseenChange) ?? false
  }

  /** The session with the catalog as its own connection sees it now; `shared` is the snapshot of that time. */
  withReading(shared: Catalog, catalog: Catalog): SqlSession {
    const { overlay, transaction } = this.#state
    if (overlay === undefined) return this
    const isKnown = catalog.stale === undefined && transaction === undefined && !catalog.hasSchema('pg_temp')
    const read = isKnown ? { ...overlay, changes: overlay.changes.map(withoutTemporary) } : overlay
    return this.#with({ overlay: read, reading: { overlay: read, generation: shared.generation, catalog } })
  }

  /** The session without changes of its own that a snapshot holds by now. */
  settled(shared: Catalog): SqlSession {
    const { overlay } = this.#state
    if (overlay === undefined || !this.#isSettled(shared)) return this
    return temporaryOf(overlay.changes).length > 0 ? this : this.#with({ overlay: undefined })
  }

  /** True when a snapshot is young enough to hold every change of the session but the temporary ones. */
  #isSettled(shared: Catalog): boolean {
    const { overlay, transaction } = this.#state
    return overlay !== undefined && transaction === undefined && shared.generation >= overlay.since + settledAfter
  }

  prepared(name: string): NamedQuery | undefined {
    return this.#state.prepared.get(name)
  }

  cursor(name: string): NamedQuery | undefined {
    return this.#state.cursors.get(name)
  }

  #with(change: Partial<State>): SqlSession {
    return new SqlSession({ ...this.#state, ...change })
  }

  /** The session with another search path: by SET (`local` for the transaction only) or as the server reported it. */
  withSearchPath(searchPath: readonly string[], local = false): SqlSession {
    const { transaction } = this.#state
    // What is local ends with its statement, unless others come at once with it: then it is read again as one of those.
    if (transaction === undefined) return local ? this.#with({}) : this.#with({ searchPath, doubtful: false })
    return this.#with({
      searchPath,
      doubtful: false,
      transaction: local
        ? { ...transaction, sessionDoubtful: transaction.sessionDoubtful || this.#state.doubtful }
        : { ...transaction, sessionPath: searchPath, sessionDoubtful: false },
    })
  }

  /** The session after something that may have changed the search path out of sight. */
  withDoubt(): SqlSession {
    return this.#state.doubtful ? this : this.#with({ doubtful: true })
  }

  withRole(role: string): SqlSession {
    return this.#with({ role })
  }

  /** The session after its own DDL. */
  withChange(shared: Catalog, change: CatalogChange): SqlSession {
    const { overlay } = this.#state
    const own = overlay === undefined ? [] : this.#isSettled(shared) ? temporaryOf(overlay.changes) : overlay.changes
    const since = shared.generation
    if (own.length >= changesMax) {
      const stale: CatalogChange = { stale: 'changed too often in this session' }
      return this.#with({ overlay: { changes: [stale], base: shared, catalog: shared.with(stale), since } })
    }
    const catalog = this.catalog(shared).with(change)
    return this.#with({ overlay: { changes: [...own, change], base: shared, catalog, since } })
  }

  /** The session after code that nobody saw may have changed the catalog: nothing is known until it has been read again. */
  withUnseenChange(shared: Catalog): SqlSession {
    const { overlay } = this.#state
    const isMarked = overlay?.since === shared.generation && this.catalog(shared).stale !== undefined
    return isMarked ? this : this.withChange(shared, unseenChange)
  }

  withPrepared(query: NamedQuery): SqlSession {
    return this.#with({ prepared: new Map(this.#state.prepared).set(query.name, query) })
  }

  /** Without one prepared statement, or without any. */
  withoutPrepared(name: string | undefined): SqlSession {
    if (name === undefined) return this.#with({ prepared: nothing })
    const prepared = new Map(this.#state.prepared)
    prepared.delete(name)
    return this.#with({ prepared })
  }

  withCursor(query: NamedQuery): SqlSession {
    return this.#with({ cursors: new Map(this.#state.cursors).set(query.name, query) })
  }

  /** Without one cursor, or without any. */
  withoutCursor(name: string | undefined): SqlSession {
    if (name === undefined) return this.#with({ cursors: nothing })
    const cursors = new Map(this.#state.cursors)
    cursors.delete(name)
    return this.#with({ cursors })
  }

  /** After BEGIN. What was said at once before it is part of the transaction. */
  begun(): SqlSession {
    const { transaction } = this.#state
    if (transaction?.implicit === true)
      return this.#before?.begun() ?? this.#with({ transaction: { ...transaction, implicit: false } })
    if (transaction !== undefined) return this
    this.#begun ??= this.#transaction(false)
    return this.#begun
  }

  /** Where several statements come at once, and no transaction has begun: they are one. */
  implied(): SqlSession {
    if (this.#state.transaction !== undefined) return this
    this.#implied ??= this.#transaction(true)
    return this.#implied
  }

  #transaction(implicit: boolean): SqlSession {
    const { searchPath, doubtful } = this.#state
    const begin = this.#state
    const begun = this.#with({
      transaction: { begin, savepoints: [], sessionPath: searchPath, sessionDoubtful: doubtful, implicit },
    })
    begun.#before = this
    return begun
  }

  savepoint(name: string): SqlSession {
    const { transaction } = this.#state
    if (transaction === undefined) return this
    return this.#with({
      transaction: { ...transaction, savepoints: [...transaction.savepoints, [name, this.#state]] },
    })
  }

  /** After RELEASE name: all savepoints after it are gone too. */
  released(name: string): SqlSession {
    const { transaction } = this.#state
    const at = transaction?.savepoints.findLastIndex(([one]) => one === name) ?? -1
    if (transaction === undefined || at < 0) return this
    return this.#with({ transaction: { ...transaction, savepoints: transaction.savepoints.slice(0, at) } })
  }

  /** After ROLLBACK TO name. */
  rolledBackTo(name: string): SqlSession {
    const { transaction } = this.#state
    const found = transaction?.savepoints.findLast(([at]) => at === name)
    if (transaction === undefined || found === undefined) return this
    const [, saved] = found
    return new SqlSession({
      ...saved,
      prepared: this.#state.prepared,
      transaction: {
        ...(saved.transaction ?? transaction),
        savepoints: transaction.savepoints.slice(0, transaction.savepoints.indexOf(found) + 1),
      },
    })
  }

  /** After COMMIT. */
  committed(shared: Catalog): SqlSession {
    const { transaction, overlay } = this.#state
    if (transaction === undefined) return this
    const unchanged = overlay === undefined && this.#state.reading === undefined && this.#state.cursors.size === 0
    if (this.#before !== undefined && unchanged) return this.#before
    const gone = overlay?.changes.flatMap(({ relations = [] }) =>
      relations.flatMap(([name, relation]) => (relation?.untilCommit === true ? [[name, null] as const] : [])),
    )
    const kept = gone === undefined || gone.length === 0 ? this : this.withChange(shared, { relations: gone })
    const last = kept.#state.overlay
    return this.#with({
      // Only now can others read what it did.
      overlay: last === undefined ? undefined : { ...last, since: shared.generation },
      reading: undefined,
      searchPath: transaction.sessionPath,
      doubtful: this.#state.doubtful || transaction.sessionDoubtful,
      transaction: undefined,
      cursors: new Map([...this.#state.cursors].filter(([, cursor]) => cursor.hold)),
    })
  }

  /** After ROLLBACK, or COMMIT of a failed transaction. Prepared statements outlive it, as on the server. */
  rolledBack(): SqlSession {
    const { transaction } = this.#state
    if (transaction === undefined) return this
    if (this.#before !== undefined) return this.#before
    return new SqlSession({ ...transaction.begin, prepared: this.#state.prepared, transaction: undefined })
  }

  /**
   * The session after a statement failed. Inside a transaction block nothing changes until it ends; outside, all that was
   * said at once is undone but for its prepared statements.
   */
  failed(): SqlSession {
    return this.inImplicit ? this.rolledBack() : this
  }

  /** After DISCARD ALL: what was committed stays, and temporary objects are gone. */
  discarded(): SqlSession {
    const { user, searchPath } = this.#state
    const fresh = SqlSession.start(user, searchPath).withDoubt()
    return fresh.#with({ overlay: this.#withoutTemporary() })
  }

  /** After DISCARD TEMPORARY. */
  temporaryDiscarded(): SqlSession {
    return this.#with({ overlay: this.#withoutTemporary(), reading: undefined })
  }

  #withoutTemporary(): Overlay | undefined {
    const { overlay } = this.#state
    if (overlay === undefined) return undefined
    const changes = overlay.changes.map(withoutTemporary)
    const catalog = changes.reduce((below, change) => below.with(change), overlay.base)
    return { ...overlay, changes, catalog }
  }

  /** What a cache must key on beside the text: equal strings mean that names are read alike. */
  cacheKey(): string | undefined {
    const { overlay, role, searchPath, doubtful } = this.#state
    if (overlay !== undefined) return undefined
    this.#key ??= `${doubtful ? '?' : ''}${role}\u0000${searchPath.join('\u0001')}`
    return this.#key
  }
}

function isCurrent(reading: Reading, overlay: Overlay, shared: Catalog): boolean {
  return reading.overlay === overlay && reading.generation === shared.generation
}

/** The catalogs of overlays on snapshots that came after their own. */
const replayed = new WeakMap<
  Overlay,
  { readonly shared: Catalog; readonly settled: boolean; readonly catalog: Catalog }
>()

/** Code that nobody saw may have changed anything, temporary objects of the session too, which no snapshot ever holds. */
const unseenChange: CatalogChange = { stale: 'changed in this session' }

/** The same where it is known that there are no temporary objects: a later snapshot holds whatever it was. */
const committedChange: CatalogChange = { ...unseenChange }

function withoutTemporary(change: CatalogChange): CatalogChange {
  if (change === unseenChange) return committedChange
  const { schemas = [], relations = [] } = change
  const isTemporary = schemas.some(([name]) => name === 'pg_temp') || relations.some(([at]) => at.schema === 'pg_temp')
  if (!isTemporary) return change
  return {
    ...change,
    schemas: schemas.filter(([name]) => name !== 'pg_temp'),
    relations: relations.filter(([at]) => at.schema !== 'pg_temp'),
  }
}

/** The part of changes that no snapshot ever holds. */
function temporaryOf(changes: readonly CatalogChange[]): readonly CatalogChange[] {
  return changes.flatMap((change) => {
    if (change === unseenChange) return [change]
    const relations = (change.relations ?? []).filter(([at]) => at.schema === 'pg_temp')
    return relations.length === 0 ? [] : [{ schemas: [['pg_temp', true]], relations }]
  })
}
