// Writes to what has rewrite rules or is a view: the rules' own statements, and the relation behind a view that the server
// would write instead of it. A view of another form than the server's own rewriting takes makes the facts incomplete.
import type { Relation, Rule, Trigger } from '../catalog/types.ts'
import { as, child, contentOf, list, noTree, type Tree, tagOf, text } from '../parser/tree.ts'
import type { Context, WriteEvent } from './context.ts'
import { namesOf } from './names.ts'
import { parseInside } from './parse-inside.ts'
import { inner, noScope, plain, referenceTo, type Scope } from './value.ts'

/** The relation behind a view, with its columns for those of the view. */
export interface Behind {
  readonly relation: Relation
  readonly columns: readonly string[]
}

/** What the server writes for a write to a view; undefined where that is not known. */
export function behindView(context: Context, view: Relation, columns: readonly string[]): Behind | undefined {
  const parsed = parseInside(context, view.query ?? '')
  const [raw] = parsed.ok ? list(parsed.tree, 'stmts') : []
  const select = as(child(contentOf({ RawStmt: raw }), 'stmt'), 'SelectStmt')
  const from = list(select ?? noTree, 'fromClause')
  const range = as(from[0], 'RangeVar')
  if (select === undefined || range === undefined || from.length > 1 || select['withClause'] !== undefined)
    return undefined
  const names = namesOf(context.names.catalog, view.path ?? [], context.running.role)
  const relation = names.relation(text(range, 'schemaname'), text(range, 'relname'))
  if (relation === undefined) return undefined
  const { outputs } = context.walk.view(context, view)
  const behind = columns.map((column) => {
    const at = view.columns.findIndex(({ name }) => name === column)
    const [source] = outputs[at]?.sources ?? []
    return relation.columns.find(({ name }) => name === source?.column)?.name ?? '*'
  })
  return { relation, columns: behind }
}

/** Runs a rewrite rule. True when it takes the place of the write itself. */
export function runRule(context: Context, relation: Relation, rule: Rule, via: readonly string[]): boolean {
  const body = context.walk.rule(context, relation, rule)
  context.facts.include(body.facts, [...via, `${relation.schema}.${relation.name} rule ${rule.name}`])
  return rule.instead && !body.conditional
}

/** The statements of a rule over the old and new rows. Gives whether it has a condition. */
export function ruleStatements(context: Context, relation: Relation, rule: Rule): boolean {
  const parsed = rule.text === '' ? undefined : parseInside(context, rule.text)
  const [raw] = parsed?.ok === true ? list(parsed.tree, 'stmts') : []
  const tree: Tree | undefined = as(child(contentOf({ RawStmt: raw }), 'stmt'), 'RuleStmt')
  if (tree === undefined) {
    context.facts.incomplete('rewrite rule')
    return true
  }
  const scope = rows(relation)
  for (const action of list(tree, 'actions')) {
    // What the rule returns is the client's own RETURNING over the relation.
    if (tagOf(action) !== '') context.walk.statement(context, action, scope)
  }
  const condition = tree['whereClause']
  if (condition !== undefined) context.facts.use(context.walk.expression(context, condition, scope), 'where')
  return condition !== undefined
}

/** Runs the WHEN condition of a trigger over the old and new rows. */
export function triggerCondition(context: Context, relation: Relation, { definition }: Trigger): void {
  if (definition === undefined) return
  const parsed = parseInside(context, definition)
  const [raw] = parsed.ok ? list(parsed.tree, 'stmts') : []
  const tree = as(child(contentOf({ RawStmt: raw }), 'stmt'), 'CreateTrigStmt')
  if (tree?.['whenClause'] === undefined) context.facts.incomplete('trigger condition not understood')
  else context.walk.expression(context, tree['whenClause'], rows(relation))
}

function rows(relation: Relation): Scope {
  const fields = relation.columns.map(({ name, type }) => ({
    name,
    sources: [referenceTo(relation, name)],
    known: true,
    direct: true,
    type,
  }))
  const scope = inner(noScope)
  for (const alias of ['old', 'new'])
    scope.elements.push({
      items: [{ alias, fields, open: false, rest: plain, relation, touches: [], visible: true }],
      columns: [],
    })
  return scope
}

/** The events of a write that nothing takes the place of. */
export function unreplaced(
  context: Context,
  relation: Relation,
  events: readonly WriteEvent[],
  via: readonly string[],
): readonly WriteEvent[] {
  const replaced = new Set<WriteEvent>()
  for (const rule of relation.rules ?? []) {
    if (rule.event === 'select') context.facts.incomplete('rewrite rule')
    else if (events.includes(rule.event) && runRule(context, relation, rule, via)) replaced.add(rule.event)
  }
  for (const trigger of relation.triggers ?? [])
    if (trigger.insteadOf) for (const event of trigger.events) replaced.add(event)
  return events.filter((event) => !replaced.has(event))
}
