// Column references: which FROM item, at which level, as the server looks for them.
import { treeDepthMax } from '../limits.ts'
import { as, child, flag, list, namesOf, stringOf, type Tree, tagOf, text } from '../parser/tree.ts'
import type { Context } from './context.ts'
import { type Field, type Item, Mix, referenceTo, type Scope, unknown, type Value } from './value.ts'

const systemColumns = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** Marks a column as used, on every relation it comes from. */
export function used(field: Field): Field {
  if (field.touches !== undefined) for (const [touch, column] of field.touches) touch.columns.add(column)
  return field
}

/** A whole row as a value: all columns are used. */
export function wholeRow(item: Item): Value {
  const mix = new Mix()
  for (const field of item.fields) mix.add(used(field))
  for (const touch of item.touches) touch.columns.add('*')
  if (item.open) mix.add(item.rest)
  const { relation } = item
  const type = relation === undefined ? undefined : { schema: relation.schema, name: relation.name, array: false }
  // a function in FROM that returns one plain value is that value
  const only = item.fields.length === 1 && relation === undefined ? item.fields[0] : undefined
  return { ...mix.value(type), item, ...(only === undefined ? {} : { type: only.type }) }
}

/** The item of this name, at the nearest level that has one. */
export function itemNamed(scope: Scope, schema: string | undefined, name: string): Item | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    for (const element of at.elements) {
      for (const item of element.items) {
        if (!item.visible || item.alias !== name) continue
        if (schema === undefined || item.schema === schema) return item
      }
    }
  }
  return undefined
}

/** A column of one item. */
export function fieldOf(item: Item, name: string): Value | undefined {
  for (const field of item.fields) if (field.name === name) return used(field)
  const { relation } = item
  if (relation !== undefined && systemColumns.has(name)) {
    for (const touch of item.touches) touch.columns.add(name)
    return { sources: [referenceTo(relation, name)], known: true, direct: true }
  }
  return item.open ? item.rest : undefined
}

/** What a bare name may be. */
interface Bare {
  /** The column of that name, and whatever nearer may have one. */
  readonly value: Value
  /** False where it may also be something else: an item whose columns are not all known may have it, or not. */
  readonly certain: boolean
}

// A bare column name: all levels are searched for a column before anything else is tried.
function bareColumn(scope: Scope, name: string): Bare | undefined {
  let nearer: Value | undefined
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    let found: Value | undefined
    let open: Value | undefined
    for (const element of at.elements) {
      for (const field of element.columns) {
        if (field.name !== name) continue
        if (field.doubtful === true) open = open === undefined ? field : both(open, field)
        else found = found === undefined ? used(field) : both(found, used(field))
      }
      if (found !== undefined) continue
      for (const item of element.items) {
        if (!item.visible) continue
        if (systemColumns.has(name) && item.relation !== undefined) found = fieldOf(item, name)
        else if (item.open) open = open === undefined ? item.rest : both(open, item.rest)
      }
    }
    // Two columns of one level with one name are an error on the server.
    if (found !== undefined) return { value: nearer === undefined ? found : both(nearer, found), certain: true }
    if (open !== undefined) nearer = nearer === undefined ? open : both(nearer, open)
  }
  return nearer === undefined ? undefined : { value: nearer, certain: false }
}

/** Both values as one. */
export function both(one: Value, other: Value): Value {
  const mix = new Mix()
  mix.add(one)
  mix.add(other)
  return mix.value()
}

/** The value of a ColumnRef without a star. */
export function columnReference(context: Context, node: Tree, scope: Scope): Value {
  const fields = list(node, 'fields')
  if (tagOf(fields.at(-1)) === 'A_Star') return starReference(context, fields, scope)
  const names = namesOf(fields)
  if (names === undefined) {
    context.facts.incomplete('column reference not understood')
    return unknown
  }
  const [first = '', second = '', third = '', fourth = ''] = names
  switch (names.length) {
    case 1: {
      const column = bareColumn(scope, first)
      if (column?.certain === true) return column.value
      const item = itemNamed(scope, undefined, first)
      const other = item === undefined ? variable(scope, names) : wholeRow(item)
      if (column !== undefined) return other === undefined ? column.value : both(column.value, other)
      return other ?? unresolved(context, scope, names)
    }
    case 2: {
      const item = itemNamed(scope, undefined, first)
      if (item === undefined) return variable(scope, names) ?? unresolved(context, scope, names)
      return fieldOf(item, second) ?? attribute(context, item, second, scope)
    }
    case 3: {
      const item = itemNamed(scope, first, second)
      if (item === undefined) return variable(scope, names) ?? unresolved(context, scope, names)
      return fieldOf(item, third) ?? attribute(context, item, third, scope)
    }
    default: {
      const item = itemNamed(scope, second, third)
      if (item === undefined) return unresolved(context, scope, names)
      return fieldOf(item, fourth) ?? attribute(context, item, fourth, scope)
    }
  }
}

// `c.f` where c has no column f calls f with the whole row.
function attribute(context: Context, item: Item, name: string, scope: Scope): Value {
  return context.walk.call(
    context,
    { schema: '', name, values: [wholeRow(item)], nodes: [], kind: 'attribute', variadic: false },
    scope,
  )
}

function variable(scope: Scope, names: readonly string[]): Value | undefined {
  const { variables } = scope
  if (variables === undefined) return undefined
  // a variable, `record.field`, `function.argument` or `label.variable`
  return variables.get(names[0] ?? '') ?? (names.length > 1 ? variables.get(names[1] ?? '') : undefined)
}

function unresolved(context: Context, scope: Scope, names: readonly string[]): Value {
  // a bare name may also be a column of a relation that itself could not be resolved: that has its own reason
  if (scope.variables?.has('*') === true) return unknown
  context.facts.missing('column', ...names)
  return unknown
}

function starReference(context: Context, fields: readonly unknown[], scope: Scope): Value {
  const names = namesOf(fields.slice(0, -1)) ?? []
  const item = itemNamed(scope, names.length > 1 ? names.at(-2) : undefined, names.at(-1) ?? '')
  if (item !== undefined) return wholeRow(item)
  if (names.length === 0) {
    const mix = new Mix()
    for (const element of scope.elements) {
      for (const field of element.columns) mix.add(used(field))
      for (const item of element.items) if (item.open) mix.add(item.rest)
    }
    return mix.value()
  }
  return variable(scope, names) ?? unresolved(context, scope, names)
}

/** The fields that a star in a target list stands for; undefined when the node is no star. */
export function expandStar(context: Context, node: unknown, scope: Scope): readonly Field[] | undefined {
  const reference = as(node, 'ColumnRef')
  if (reference !== undefined) {
    const fields = list(reference, 'fields')
    if (tagOf(fields.at(-1)) !== 'A_Star') return undefined
    if (fields.length === 1) {
      const all: Field[] = []
      for (const element of scope.elements) {
        for (const field of element.columns) all.push(used(field))
        for (const item of element.items) if (item.visible && item.open) all.push({ ...item.rest, name: '*' })
      }
      return all
    }
    const names = namesOf(fields.slice(0, -1)) ?? []
    const item = itemNamed(scope, names.length > 1 ? names.at(-2) : undefined, names.at(-1) ?? '')
    if (item === undefined) {
      const value = variable(scope, names) ?? unresolved(context, scope, names)
      return [{ ...value, direct: false, name: '*' }]
    }
    for (const field of item.fields) used(field)
    return item.open ? [...item.fields, { ...item.rest, name: '*' }] : item.fields
  }
  const indirection = as(node, 'A_Indirection')
  if (indirection === undefined || tagOf(list(indirection, 'indirection').at(-1)) !== 'A_Star') return undefined
  const rest = list(indirection, 'indirection').slice(0, -1)
  const inside = rest.length === 0 ? indirection['arg'] : { A_Indirection: { ...indirection, indirection: rest } }
  const value = context.walk.expression(context, inside, scope)
  return fieldsOfValue(context, value)
}

/** The name of what stands for columns without number. */
const star = '*'

/** What each of these columns may be, where one of them stands for columns without number: no place is certain then. */
export function anyPlace(fields: readonly Field[]): Value | undefined {
  if (fields.every(({ name }) => name !== star)) return undefined
  const mix = new Mix()
  for (const field of fields) mix.add(field)
  return mix.value()
}

/** Columns under the names that they are given by their places. */
export function renamed(fields: readonly Field[], names: readonly unknown[]): readonly Field[] {
  if (names.length === 0) return fields
  const any = anyPlace(fields)
  if (any === undefined) {
    return fields.map((field, at) => {
      const name = stringOf(names[at])
      return name === undefined ? field : { ...field, name }
    })
  }
  const touches = fields.flatMap((field) => field.touches ?? [])
  return [...names.map((name) => stringOf(name) ?? star), star].map((name) => ({ ...any, name, touches }))
}

/** The names of what a function gives in several columns; one alone is the value itself. */
export function severalFields({ fields }: Value): readonly string[] | undefined {
  return fields?.length === 1 ? undefined : fields
}

/** The columns of a composite value. */
export function fieldsOfValue(context: Context, value: Value): readonly Field[] {
  if (value.item?.renamed === true) return [{ ...value, direct: false, item: undefined, type: undefined, name: star }]
  if (value.item !== undefined) {
    for (const field of value.item.fields) used(field)
    return value.item.open ? [...value.item.fields, { ...value.item.rest, name: '*' }] : value.item.fields
  }
  const several = severalFields(value)
  if (several !== undefined) return several.map((name) => ({ ...value, direct: false, name, type: undefined }))
  const { type } = value
  const relation = type === undefined || type.array ? undefined : context.names.catalog.relation(type.schema, type.name)
  if (relation !== undefined) {
    return relation.columns.map((column) => ({ ...value, direct: false, name: column.name, type: column.type }))
  }
  return [{ ...value, direct: false, name: '*' }]
}

/** The value of `(expression).field[...]`. */
export function indirection(context: Context, node: Tree, scope: Scope): Value {
  let value = context.walk.expression(context, node['arg'], scope)
  for (const step of list(node, 'indirection')) {
    const subscript = as(step, 'A_Indices')
    if (subscript !== undefined) {
      const mix = new Mix()
      mix.add(value)
      if (subscript['lidx'] !== undefined) mix.add(context.walk.expression(context, subscript['lidx'], scope))
      if (subscript['uidx'] !== undefined) mix.add(context.walk.expression(context, subscript['uidx'], scope))
      const { type } = value
      value = mix.value(type?.array === true && !flag(subscript, 'is_slice') ? { ...type, array: false } : undefined)
    } else if (tagOf(step) === 'A_Star') {
      const mix = new Mix()
      for (const field of fieldsOfValue(context, value)) mix.add(field)
      value = mix.value()
    } else {
      value = selectField(context, value, text(child(step as Tree, 'String') ?? {}, 'sval'), scope)
    }
  }
  return value
}

function selectField(context: Context, value: Value, name: string, scope: Scope): Value {
  // A row that went on has its fields under the names of its type.
  if (value.item?.renamed === true) {
    if (context.names.routines('', name).length === 0)
      return { ...value, direct: false, item: undefined, type: undefined }
  } else if (value.item !== undefined) {
    const field = fieldOf(value.item, name)
    if (field !== undefined) return field
  } else {
    if (severalFields(value)?.includes(name) === true)
      return { ...value, direct: false, type: undefined, fields: undefined }
    const { type } = value
    const relation =
      type === undefined || type.array ? undefined : context.names.catalog.relation(type.schema, type.name)
    const column = relation?.columns.find((at) => at.name === name)
    if (column !== undefined) return { sources: value.sources, known: value.known, direct: false, type: column.type }
    // of a value of unknown type it is a field, or a call if there is such a function
    if (relation === undefined && context.names.routines('', name).length === 0) {
      return { sources: value.sources, known: value.known, direct: false }
    }
  }
  return context.walk.call(
    context,
    { schema: '', name, values: [value], nodes: [], kind: 'attribute', variadic: false },
    scope,
  )
}

/** Counts one level of the tree; true when it is too deep to go on. */
export function tooDeep(context: Context): boolean {
  context.depth.now++
  context.depth.walked++
  if (context.depth.now <= treeDepthMax) return false
  context.depth.now--
  context.facts.incomplete('nested too deeply')
  return true
}
