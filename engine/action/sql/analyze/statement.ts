// One statement at the top of a text: what it is called, what it does, and the session as it stands after it.
import {
  as,
  child,
  constantOf,
  contentOf,
  flag,
  list,
  noTree,
  stringOf,
  type Tree,
  tagOf,
  text,
} from '../parser/tree.ts'
import type { SqlSession } from '../session.ts'
import { allChanged, relationChanged, relationMade, tableMade } from './changes.ts'
import type { Context } from './context.ts'
import { define, drop, isPlainIndex, locked, ownedSequences, renamed } from './define.ts'
import { descendants } from './from.ts'
import { callProcedure } from './invoke.ts'
import { isModifying, modify } from './modify.ts'
import { executed, fetched, meaningOf, parameterTypes } from './named.ts'
import { modesOf, optionsOf } from './options.ts'
import { pin, schemaGiven } from './pin.ts'
import { select } from './query.ts'
import { tableParts } from './table-parts.ts'
import { rangeOf, utility } from './utility.ts'
import { type Field, inner, noScope, plain, type Scope, unknown } from './value.ts'
import { defaults, writes } from './writes.ts'

/** The verb a statement has by its kind, before what it touches is looked at. */
export type BaseVerb = 'read' | 'write' | 'define' | 'grant' | 'execute' | 'transfer' | 'admin'

/** A statement as it was read. */
export interface ReadStatement {
  readonly kind: string
  readonly verb: BaseVerb
  readonly outputs: readonly Field[]
  readonly limit: number | null
  readonly after: SqlSession
}

/** A SELECT, VALUES or data-modifying statement inside another. */
export function query(context: Context, node: unknown, scope: Scope): readonly Field[] {
  const tag = tagOf(node)
  if (tag === 'SelectStmt') return select(context, contentOf(node), scope)
  if (isModifying(node)) return modify(context, tag, contentOf(node), scope)
  context.facts.incomplete(`statement ${tag} not understood here`)
  return [{ ...unknown, name: '*' }]
}

/** Statements that bodies may hold and that leave what names mean as it is. */
const insideBodies: ReadonlySet<string> = new Set(['CallStmt', 'ConstraintsSetStmt', 'LockStmt', 'TruncateStmt'])

/** A statement inside a body. Other utility statements there are not followed. */
export function bodyStatement(context: Context, node: unknown, scope: Scope): readonly Field[] {
  const tag = tagOf(node)
  const tree = contentOf(node)
  if (insideBodies.has(tag) || isExplainOfQuery(tag, tree) || isQuietSetting(tag, tree))
    return readStatement(context, node, scope).outputs
  if (tag !== 'NotifyStmt') return query(context, node, scope)
  context.facts.call({
    schema: 'pg_catalog',
    name: 'pg_notify',
    kind: 'function',
    effects: 'external',
    definer: false,
    via: [],
  })
  return []
}

/** EXPLAIN of a statement that names, makes and changes nothing but rows. */
function isExplainOfQuery(tag: string, tree: Tree): boolean {
  const inside = tree['query']
  if (tag !== 'ExplainStmt') return false
  return tagOf(inside) === 'SelectStmt' ? intoClause(contentOf(inside)) === undefined : isModifying(inside)
}

/** INTO of a SELECT; of a set operation it stands in the first of all its arms. */
function intoClause(tree: Tree): Tree | undefined {
  let arm = tree
  for (let left = child(arm, 'larg'); left !== undefined; left = child(arm, 'larg')) arm = left
  return child(arm, 'intoClause')
}

/** SET of one setting that no name is read by. */
function isQuietSetting(tag: string, tree: Tree): boolean {
  const name = text(tree, 'name').toLowerCase()
  return (
    tag === 'VariableSetStmt' && text(tree, 'kind') === 'VAR_SET_VALUE' && name !== 'search_path' && !roles.has(name)
  )
}

/** Reads a statement at the top. */
export function readStatement(context: Context, node: unknown, scope: Scope = noScope): ReadStatement {
  const tag = tagOf(node)
  const tree = contentOf(node)
  const { session } = context
  for (const option of optionsOf(node)) context.facts.options.add(option)
  const same = (kind: string, verb: BaseVerb, outputs: readonly Field[] = []): ReadStatement => ({
    kind,
    verb,
    outputs,
    limit: null,
    after: session,
  })
  switch (tag) {
    case 'SelectStmt': {
      const into = intoClause(tree)
      if (into !== undefined) return createAs(context, child(into, 'rel') ?? noTree, node, 'select_into')
      const outputs = select(context, tree, noScope)
      // With ties all rows may come.
      const isBound = text(tree, 'limitOption') !== 'LIMIT_OPTION_WITH_TIES'
      const constant = isBound ? constantOf(tree['limitCount']) : undefined
      return { ...same('select', 'read', outputs), limit: typeof constant === 'number' ? constant : null }
    }
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
      return same(tag.slice(0, -4).toLowerCase(), 'write', modify(context, tag, tree, noScope))
    case 'TransactionStmt':
      return transaction(context, tree)
    case 'VariableSetStmt':
      return setting(context, tree)
    case 'VariableShowStmt':
      return same('show', 'read', [{ ...plain, name: text(tree, 'name') }])
    case 'ExplainStmt':
      return explain(context, tree)
    case 'CopyStmt':
      return copy(context, tree)
    case 'PrepareStmt': {
      const inside = readStatement(context, tree['query'])
      const prepared = {
        name: text(tree, 'name'),
        tree: tree['query'],
        hold: false,
        session,
        meaning: meaningOf(context.facts, inside.outputs),
        types: list(tree, 'argtypes'),
      }
      parameterTypes(context, tree)
      return { ...same('prepare', inside.verb), after: session.withPrepared(prepared) }
    }
    case 'ExecuteStmt':
      return executed(context, tree, readStatement)
    case 'DeallocateStmt': {
      const name = text(tree, 'name')
      return { ...same('deallocate', 'read'), after: session.withoutPrepared(name === '' ? undefined : name) }
    }
    case 'DeclareCursorStmt': {
      const inside = readStatement(context, tree['query'])
      return {
        ...same('declare_cursor', inside.verb),
        after: session.withCursor({
          name: text(tree, 'portalname'),
          tree: tree['query'],
          hold: true,
          session,
        }),
      }
    }
    case 'FetchStmt':
      return fetched(context, flag(tree, 'ismove') ? 'move' : 'fetch', tree, readStatement)
    case 'ClosePortalStmt': {
      const name = text(tree, 'portalname')
      return { ...same('close', 'read'), after: session.withoutCursor(name === '' ? undefined : name) }
    }
    case 'TruncateStmt':
      for (const relation of list(tree, 'relations')) written(context, contentOf(relation), 'truncate')
      if (text(tree, 'behavior') === 'DROP_CASCADE') context.facts.incomplete('truncate cascades')
      return same('truncate', 'write')
    case 'LockStmt':
      for (const relation of list(tree, 'relations')) locked(context, contentOf(relation))
      return same('lock', 'write')
    case 'CallStmt':
      callProcedure(context, child(tree, 'funccall') ?? noTree, scope)
      return same('call', 'execute')
    case 'DoStmt':
      context.facts.dynamic = true
      context.facts.incomplete('DO block')
      return same('do', 'execute')
    case 'CreateTableAsStmt':
      return createAs(
        context,
        child(child(tree, 'into') ?? noTree, 'rel') ?? noTree,
        tree['query'],
        text(tree, 'objtype') === 'OBJECT_MATVIEW' ? 'create_materialized_view' : 'create_table_as',
      )
    case 'CreateStmt':
    case 'CreateForeignTableStmt':
      tableParts(context, child(tree, 'base') ?? tree)
      return {
        ...define(context, child(tree, 'relation') ?? child(child(tree, 'base') ?? noTree, 'relation'), 'create_table'),
        after: tag === 'CreateStmt' ? tableMade(context, tree) : relationMade(context, rangeOf(tree), 'foreign_table'),
      }
    case 'ViewStmt':
      query(context, tree['query'], noScope)
      return {
        ...define(context, child(tree, 'view'), 'create_view'),
        after: relationMade(context, child(tree, 'view') ?? noTree, 'view'),
      }
    case 'AlterTableStmt':
      // Defaults of new columns, type changes and checks run code over every row.
      context.facts.incomplete('ALTER TABLE is not followed')
      return {
        ...define(context, child(tree, 'relation'), 'alter_table'),
        // Keys have actions on the table that they point at, and partitions take over what their parent has.
        after: allChanged(context),
      }
    case 'IndexStmt':
      context.facts.incomplete('CREATE INDEX is not followed')
      return {
        ...define(context, child(tree, 'relation'), 'create_index'),
        after: isPlainIndex(tree) ? session : relationChanged(context, rangeOf(tree)),
      }
    case 'RenameStmt':
      return { ...define(context, child(tree, 'relation'), 'rename'), after: renamed(context, tree) }
    case 'DropStmt':
      return drop(context, tree)
    case 'GrantStmt':
    case 'GrantRoleStmt':
    case 'AlterDefaultPrivilegesStmt':
      context.facts.incomplete('rights are not followed')
      return same(flag(tree, 'is_grant') || tag !== 'GrantStmt' ? 'grant' : 'revoke', 'grant')
    case 'NotifyStmt':
      context.facts.object('channel', '', text(tree, 'conditionname'), 'use')
      return same('notify', 'execute')
    case 'ListenStmt':
    case 'UnlistenStmt':
      context.facts.object('channel', '', text(tree, 'conditionname') || '*', 'use')
      return same(tag === 'ListenStmt' ? 'listen' : 'unlisten', 'execute')
    case 'DiscardStmt':
      return { ...same('discard', 'read'), after: discarded(text(tree, 'target'), session) }
    case 'ConstraintsSetStmt':
      return same('set_constraints', 'read')
    case 'CheckPointStmt':
      return same('checkpoint', 'admin')
    default:
      return utility(context, tag, tree)
  }
}

/** What is discarded of plans and sequences changes no name. */
function discarded(target: string, session: SqlSession): SqlSession {
  if (target === 'DISCARD_TEMP') return session.temporaryDiscarded()
  return target === 'DISCARD_PLANS' || target === 'DISCARD_SEQUENCES' ? session : session.discarded()
}

function transaction(context: Context, tree: Tree): ReadStatement {
  const { session } = context
  const name = text(tree, 'savepoint_name')
  for (const [mode, value] of modesOf(tree)) context.facts.settings.push({ name: mode, value, local: true })
  const chained = (ended: SqlSession): SqlSession => (flag(tree, 'chain') ? ended.begun() : ended)
  const kinds: { readonly [kind: string]: readonly [string, () => SqlSession] } = {
    TRANS_STMT_BEGIN: ['begin', () => session.begun()],
    TRANS_STMT_START: ['begin', () => session.begun()],
    TRANS_STMT_COMMIT: ['commit', () => chained(session.committed(context.shared))],
    TRANS_STMT_ROLLBACK: ['rollback', () => chained(session.rolledBack())],
    TRANS_STMT_SAVEPOINT: ['savepoint', () => session.savepoint(name)],
    TRANS_STMT_RELEASE: ['release', () => session.released(name)],
    TRANS_STMT_ROLLBACK_TO: ['rollback_to', () => session.rolledBackTo(name)],
  }
  const found = kinds[text(tree, 'kind')]
  if (found === undefined) {
    context.facts.incomplete('two-phase commit is not followed')
    // What was set in it stays as after COMMIT, what was defined is there when it is committed by its name.
    const ended = text(tree, 'kind') === 'TRANS_STMT_PREPARE' ? session.rolledBack() : session
    const after = ended.withDoubt().withUnseenChange(context.shared)
    return { kind: 'prepared_transaction', verb: 'admin', outputs: [], limit: null, after }
  }
  return { kind: found[0], verb: 'read', outputs: [], limit: null, after: found[1]() }
}

const roles: ReadonlySet<string> = new Set(['role', 'session_authorization'])

function setting(context: Context, tree: Tree): ReadStatement {
  const { session } = context
  const name = text(tree, 'name').toLowerCase()
  const how = text(tree, 'kind')
  const values = list(tree, 'args').map(constantOf)
  const value =
    how === 'VAR_SET_VALUE' && values.every((one) => one !== undefined) ? values.map(String).join(', ') : null
  context.facts.settings.push({ name, value, local: flag(tree, 'is_local') })
  // What is said of all later transactions is the default of each.
  const isDefault = name === 'session characteristics'
  for (const [mode, given] of modesOf(tree))
    context.facts.settings.push({ name: isDefault ? `default_${mode}` : mode, value: given, local: !isDefault })
  let after = session
  if (name === 'search_path')
    after = value === null ? session.withDoubt() : session.withSearchPath(values.map(String), flag(tree, 'is_local'))
  else if (name === 'role') after = value === null ? session.withDoubt() : session.withRole(value)
  else if (how === 'VAR_RESET_ALL' || roles.has(name)) after = session.withDoubt()
  const kind = how === 'VAR_RESET' || how === 'VAR_RESET_ALL' ? 'reset' : 'set'
  return { kind, verb: roles.has(name) ? 'admin' : 'read', outputs: [], limit: null, after }
}

function explain(context: Context, tree: Tree): ReadStatement {
  const options = list(tree, 'options').map((option) => as(option, 'DefElem') ?? noTree)
  const analyze = options.some((option) => text(option, 'defname') === 'analyze' && !off(option['arg']))
  if (analyze) context.facts.options.add('analyze')
  const inside = readStatement(context, tree['query'])
  // The plan shows constants, estimates and, with ANALYZE, counts: it derives from all that the query touches.
  return {
    kind: 'explain',
    verb: analyze ? inside.verb : 'read',
    outputs: [{ ...unknown, name: 'QUERY PLAN' }],
    limit: null,
    after: analyze && made.has(inside.kind) ? inside.after : context.session,
  }
}

/** Statements that make what they say when they are explained with ANALYZE. */
const made: ReadonlySet<string> = new Set(['create_materialized_view', 'create_table_as', 'select_into'])

function off(argument: unknown): boolean {
  const value = stringOf(argument) ?? constantOf(argument)
  return typeof value === 'string'
    ? ['off', 'false', '0', 'no'].includes(value.toLowerCase())
    : value === false || value === 0
}

function copy(context: Context, tree: Tree): ReadStatement {
  const from = flag(tree, 'is_from')
  const file = text(tree, 'filename')
  const program = flag(tree, 'is_program')
  const place = program ? 'program' : file === '' ? (from ? 'stdin' : 'stdout') : 'file'
  context.facts.options.add(`${from ? 'from' : 'to'} ${place}`)
  let outputs: readonly Field[] = []
  if (tree['query'] !== undefined) outputs = query(context, tree['query'], noScope)
  else {
    const range = child(tree, 'relation') ?? noTree
    if (from) {
      written(context, range, 'insert')
      context.facts.use(whereOf(context, tree), 'where')
    } else {
      const scope = inner(noScope)
      context.walk.from(context, { RangeVar: range }, scope)
      const wanted = new Set(list(tree, 'attlist').map(stringOf))
      outputs = scope.elements
        .flatMap((element) => element.columns)
        .filter((column) => wanted.size === 0 || wanted.has(column.name))
      for (const output of outputs) for (const [touch, column] of output.touches ?? []) touch.columns.add(column)
    }
  }
  const reaches = place === 'program' || place === 'file'
  return {
    kind: reaches ? `copy_${place}` : 'copy',
    verb: reaches ? 'admin' : from ? 'write' : 'read',
    outputs,
    limit: null,
    after: context.session,
  }
}

function whereOf(context: Context, tree: Tree): typeof plain {
  if (tree['whereClause'] === undefined) return plain
  context.facts.incomplete('COPY with WHERE is not followed')
  return plain
}

function createAs(context: Context, range: Tree, source: unknown, kind: string): ReadStatement {
  if (tagOf(source) === 'ExecuteStmt') executed(context, contentOf(source), readStatement)
  else if (kind === 'select_into') select(context, { ...contentOf(source), intoClause: undefined }, noScope)
  else query(context, source, noScope)
  const view = kind === 'create_materialized_view' ? 'materialized_view' : 'table'
  return { ...define(context, range, kind), after: relationMade(context, range, view) }
}

function written(context: Context, range: Tree, event: 'insert' | 'truncate'): void {
  const schema = schemaGiven(context, range)
  const name = text(range, 'relname')
  const relation = context.names.relation(schema, name)
  if (relation === undefined) {
    context.facts.touch({ schema, name }, 'write', 'unknown', false, [])
    context.facts.incomplete('unresolved relation')
    return
  }
  pin(context, range, relation)
  writes(context, relation, [event], [])
  if (event === 'truncate' && context.facts.options.has('restart identity'))
    for (const sequence of [relation, ...descendants(context, relation)].flatMap((one) =>
      ownedSequences(context.names.catalog, one),
    ))
      context.facts.touch(sequence, 'write', sequence.kind, true, [`${relation.schema}.${relation.name}`])
  if (event === 'insert') defaults(context, relation)
}
