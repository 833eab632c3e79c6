// The `views` mode: what `inline` writes into a statement stands ready on the server, as security_barrier views that a
// login without rights on protected relations may read. A view's name holds the digest of its text, so that a policy
// that protects otherwise than what was provisioned finds no view and is refused.
import { createHash } from 'node:crypto'
import { quoted } from '../analyze/identifiers.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { QualifiedName, Relation } from '../catalog/types.ts'
import { isKeyed } from './mask-expression.ts'
import { type Protection, type Protections, relationKey } from './protection.ts'

/** The schema of the provisioned views. */
export const viewSchema = 'sallyport'

const readableNameMax = 24

/** The name of the view for a relation, by the text that it stands for. */
export function viewName({ name }: QualifiedName, source: string): string {
  const readable = [...name]
    .filter((one) => /[a-z0-9_]/.test(one))
    .join('')
    .slice(0, readableNameMax)
  return `${readable}_${createHash('sha256').update(source).digest('hex').slice(0, 32)}`
}

/** A relation with the text that stands for it. */
export interface ProtectedSource {
  readonly relation: Relation
  readonly source: string
}

/** The statements that make the views and the login's rights, in order. Run as the owner of the relations. */
export function provisionStatements(
  catalog: Catalog,
  protections: Protections,
  sources: readonly ProtectedSource[],
  reaching: ReadonlySet<string>,
  login: string,
): readonly string[] {
  const role = quoted(login)
  const schema = quoted(viewSchema)
  const statements = [
    `DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${constant(login)}) THEN CREATE ROLE ${role} LOGIN; END IF; END $do$`,
    `ALTER ROLE ${role} NOSUPERUSER NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`,
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
  ]
  for (const { relation, source } of sources) {
    const view = `${schema}.${quoted(viewName(relation, source))}`
    statements.push(
      `CREATE OR REPLACE VIEW ${view} WITH (security_barrier) AS ${source}`,
      `GRANT SELECT ON ${view} TO ${role}`,
    )
  }
  const relations = [...catalog.relations()]
    .filter((relation) => !['pg_catalog', 'information_schema', 'pg_toast', viewSchema].includes(relation.schema))
    .sort((a, b) => (relationKey(a) < relationKey(b) ? -1 : 1))
  for (const used of new Set(relations.map(({ schema: at }) => at).sort()))
    statements.push(`GRANT USAGE ON SCHEMA ${quoted(used)} TO ${role}`)
  for (const relation of relations)
    statements.push(...rights(relation, protections.get(relationKey(relation)), reaching, role))
  for (const { schema: at, name, kind, definer } of catalog.data().routines) {
    // It reads around every right. All overloads of a name go, whichever of them it was.
    if (definer && (kind === 'function' || kind === 'procedure')) statements.push(revocation(at, name, role))
  }
  return [...new Set(statements)]
}

/** What the login may do with one relation itself. */
function rights(
  relation: Relation,
  protection: Protection | undefined,
  reaching: ReadonlySet<string>,
  role: string,
): readonly string[] {
  const name = `${quoted(relation.schema)}.${quoted(relation.name)}`
  if (relation.kind === 'type' || relation.kind === 'index') return []
  if (relation.kind === 'sequence') return [`GRANT USAGE, SELECT ON SEQUENCE ${name} TO ${role}`]
  const none = `REVOKE ALL ON ${name} FROM PUBLIC, ${role}`
  const isView = relation.kind === 'view' || relation.kind === 'materialized_view'
  if (reaching.has(relationKey(relation))) return [none]
  if (protection === undefined) return [`GRANT SELECT${isView ? '' : ', INSERT, UPDATE, DELETE'} ON ${name} TO ${role}`]
  // Rows behind a filter are neither read nor written; masked columns may be written and not read.
  if (isView || protection.closed || protection.filters.size > 0) return [none]
  const shown = relation.columns.filter((column) => !protection.masks.has(column.name)).map((one) => quoted(one.name))
  return [
    none,
    ...(shown.length === 0 ? [] : [`GRANT SELECT (${shown.join(', ')}) ON ${name} TO ${role}`]),
    `GRANT INSERT, UPDATE, DELETE ON ${name} TO ${role}`,
  ]
}

/** The masked columns that views cannot hold, because their masks need the gateway's key. */
export function keyedColumns(protections: Protections): readonly string[] {
  return [...protections].flatMap(([key, { masks }]) =>
    [...masks].flatMap(([column, strategy]) => (isKeyed(strategy) ? [`${key}.${column}`] : [])),
  )
}

function revocation(schema: string, name: string, role: string): string {
  return (
    'DO $do$ DECLARE f pg_catalog.regprocedure; BEGIN FOR f IN SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ' +
    `ON n.oid = p.pronamespace WHERE n.nspname = ${constant(schema)} AND p.proname = ${constant(name)} ` +
    `LOOP EXECUTE 'REVOKE EXECUTE ON ROUTINE ' || f::pg_catalog.text || ' FROM PUBLIC, ${role.replaceAll("'", "''")}'; END LOOP; END $do$`
  )
}

function constant(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
