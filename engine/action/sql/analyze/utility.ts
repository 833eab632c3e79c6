// Statements that are not followed: they define or administer something, and later names may mean something else.
import { child, list, noTree, type Tree } from '../parser/tree.ts'
import type { SqlSession } from '../session.ts'
import { allChanged, relationChanged, relationMade, routineChanged } from './changes.ts'
import type { Context } from './context.ts'
import type { ReadStatement } from './statement.ts'

/** Such a statement: what it is called, and the session after it. */
export function utility(context: Context, tag: string, tree: Tree): ReadStatement {
  const kind = tag
    .replace(/Stmt$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase()
  context.facts.incomplete(`${kind} is not followed`)
  const defines = /^(create|alter|drop|rename|comment|sec_label|define|import|reassign|refresh)/.test(kind)
  return {
    kind,
    verb: defines ? 'define' : 'admin',
    outputs: [],
    limit: null,
    after: afterUtility(context, tag, tree),
  }
}

function afterUtility(context: Context, tag: string, tree: Tree): SqlSession {
  const { session } = context
  switch (tag) {
    case 'CreateTrigStmt':
    case 'RuleStmt':
      return relationChanged(context, rangeOf(tree))
    case 'CreatePolicyStmt':
    case 'AlterPolicyStmt':
      return relationChanged(context, child(tree, 'table') ?? noTree)
    case 'CreateFunctionStmt':
      return routineChanged(context, list(tree, 'funcname'))
    case 'CreateSeqStmt':
      return relationMade(context, child(tree, 'sequence') ?? noTree, 'sequence')
    default:
      if (quiet.has(tag)) return session
      return allChanged({ ...context, session: changing.has(tag) ? session : session.withDoubt() })
  }
}

/** Utility statements that run nobody's code, and change what names mean. */
const changing: ReadonlySet<string> = new Set([
  'AlterDomainStmt',
  'AlterFunctionStmt',
  'AlterObjectSchemaStmt',
  'AlterOperatorStmt',
  'AlterTypeStmt',
  'CreateCastStmt',
  'CreateDomainStmt',
  'CreateOpClassStmt',
  'CreateOpFamilyStmt',
  'CreateSchemaStmt',
  'DefineStmt',
  'DropOwnedStmt',
])

/** Utility statements that run nobody's code, or run it where the server undoes what it sets. */
const quiet: ReadonlySet<string> = new Set([
  'AlterDefaultPrivilegesStmt',
  'AlterEnumStmt',
  'AlterOwnerStmt',
  'AlterPublicationStmt',
  'AlterRoleStmt',
  'AlterSeqStmt',
  'AlterStatsStmt',
  'AlterTSConfigurationStmt',
  'AlterTSDictionaryStmt',
  'ClusterStmt',
  'CommentStmt',
  'CompositeTypeStmt',
  'CreateConversionStmt',
  'CreateEnumStmt',
  'CreatePublicationStmt',
  'CreateRangeStmt',
  'CreateRoleStmt',
  'CreateStatsStmt',
  'DropRoleStmt',
  'ReassignOwnedStmt',
  'RefreshMatViewStmt',
  'ReindexStmt',
  'VacuumStmt',
])

/** The relation that a definition is about. */
export function rangeOf(tree: Tree): Tree {
  return child(tree, 'relation') ?? child(child(tree, 'base') ?? noTree, 'relation') ?? noTree
}
