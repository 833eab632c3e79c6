// Gathers the facts of one statement (or of one body) while it is walked.

import type {
  Access,
  FunctionEffects,
  PredicateUse,
  SqlColumnRef,
  SqlFunction,
  SqlObject,
  SqlRelation,
} from '../facts.ts'
import { factsMax, unresolvedMax, waysMax } from '../limits.ts'
import type { Value } from './value.ts'

/** A relation entry that grows columns as they are used. */
export interface Touch {
  readonly schema: string
  readonly name: string
  readonly access: Access
  readonly columns: Set<string>
  readonly resolved: boolean
  readonly kind: SqlRelation['kind']
  readonly via: readonly string[]
}

/** A column that gets a value. */
export interface Assigned {
  readonly target: SqlColumnRef
  readonly value: Value
}

/** A place of the text where a relation of the catalog is read. */
export interface Site {
  /** Byte of the text where its name begins. */
  readonly location: number
  readonly schema: string
  readonly name: string
  /** Without its children. */
  readonly only: boolean
  /** An alias follows. */
  readonly aliased: boolean
}

const order: readonly FunctionEffects[] = ['pure', 'read', 'write', 'external', 'unknown']

/** The worse of two effects. */
export function worse(one: FunctionEffects, other: FunctionEffects): FunctionEffects {
  return order.indexOf(one) >= order.indexOf(other) ? one : other
}

/** Stands for all ways beyond those that are told apart; it is no relation's or routine's name. */
const otherWays: readonly string[] = ['(other ways)']

/** Why a statement is not complete that has a name which cannot be written with its schema. */
export const sharedName = 'a name that several relations have'

/** What is known so far. */
export class Collector {
  readonly relations: Map<string, Touch> = new Map()
  readonly functions: Map<string, SqlFunction> = new Map()
  readonly predicates: Map<SqlColumnRef, Set<PredicateUse>> = new Map()
  readonly assignments: Set<Assigned> = new Set()
  readonly objects: Map<string, SqlObject> = new Map()
  readonly options: Set<string> = new Set()
  readonly settings: { name: string; value: string | null; local: boolean }[] = []
  readonly reasons: Set<string> = new Set()
  /** Names that the catalog does not have. */
  readonly unresolved: Set<string> = new Set()
  readonly sites: Map<number, Site> = new Map()
  /** Places of the text where a name has to be written with a schema, by bytes. */
  readonly pins: Map<number, string> = new Map()
  /** Columns of which something else is made in the text itself: that can raise, whether or not it comes out. */
  readonly computed: Set<SqlColumnRef> = new Set()
  /** Relations of which rows are deleted, as `schema.name`. */
  readonly deleted: Set<string> = new Set()
  /** An expression of a WITH clause changes rows; in bodies that is what the body does. */
  changesBeside = false
  readonly #ways = new Map<string, number>()
  dynamic = false
  /** Restriction of written relations: undefined where the question has no sense. */
  where: boolean | undefined = undefined
  returning = false

  /** The entry of a relation; the same one for the same access by the same way. */
  touch(
    name: { readonly schema: string; readonly name: string },
    access: Access,
    kind: SqlRelation['kind'],
    resolved: boolean,
    via: readonly string[],
  ): Touch {
    const bare = `${access}|${name.schema}.${name.name}`
    let way = via
    let touch = this.relations.get(`${bare}|${way.join('>')}`)
    if (touch === undefined && !this.#isNewWay(bare, way)) {
      way = otherWays
      touch = this.relations.get(`${bare}|${way.join('>')}`)
    }
    if (touch === undefined) {
      touch = { schema: name.schema, name: name.name, access, columns: new Set(), resolved, kind, via: way }
      this.relations.set(`${bare}|${way.join('>')}`, touch)
      if (this.relations.size > factsMax) this.incomplete('too many relations')
    }
    return touch
  }

  /** Counts a way to what goes by a name; false where there are too many to tell them apart. */
  #isNewWay(bare: string, via: readonly string[]): boolean {
    if (via.length === 0) return true
    const ways = (this.#ways.get(bare) ?? 0) + 1
    if (ways > waysMax) return false
    this.#ways.set(bare, ways)
    return true
  }

  call(given: SqlFunction): void {
    const bare = `${given.kind}|${given.schema}.${given.name}`
    let called = given
    let key = `${bare}|${called.via.join('>')}`
    if (!this.functions.has(key) && !this.#isNewWay(bare, called.via)) {
      called = { ...given, via: otherWays }
      key = `${bare}|${otherWays.join('>')}`
    }
    const known = this.functions.get(key)
    if (known === undefined) {
      this.functions.set(key, called)
      if (this.functions.size > factsMax) this.incomplete('too many functions')
    } else if (known.effects !== called.effects || known.definer !== called.definer) {
      this.functions.set(key, {
        ...known,
        effects: worse(known.effects, called.effects),
        definer: known.definer || called.definer,
      })
    }
  }

  /** Notes where a relation is read. A place that is walked more than once must mean the same each time. */
  site(site: Site): void {
    const known = this.sites.get(site.location)
    if (known !== undefined && (known.schema !== site.schema || known.name !== site.name || known.only !== site.only))
      this.incomplete('a name means several things')
    this.sites.set(site.location, site)
  }

  /** Notes that a value decides something. */
  use(value: Value, use: PredicateUse): void {
    if (value.sources.length === 0) return
    for (const source of value.sources) {
      const uses = this.predicates.get(source)
      if (uses === undefined) this.predicates.set(source, new Set([use]))
      else uses.add(use)
    }
  }

  /** Notes whether what a routine writes is restricted; undefined where it restricts nothing. */
  restrict(where: boolean | undefined): void {
    if (where !== undefined) this.where = (this.where ?? true) && where
  }

  object(kind: string, schema: string, name: string, action: SqlObject['action']): void {
    this.objects.set(`${action} ${kind} ${schema}.${name}`, { kind, schema, name, action })
  }

  incomplete(reason: string): void {
    this.reasons.add(reason)
  }

  /** Notes a name that the catalog does not have. */
  missing(what: 'relation' | 'column' | 'function' | 'type', ...names: readonly string[]): void {
    this.incomplete(`unresolved ${what}`)
    if (this.unresolved.size < unresolvedMax) this.unresolved.add(names.filter((name) => name !== '').join('.'))
  }

  /** Takes over what a nested body does, reached through `through`. */
  include(body: Collector, through: readonly string[]): void {
    for (const touch of body.relations.values()) {
      const mine = this.touch(touch, touch.access, touch.kind, touch.resolved, [...through, ...touch.via])
      for (const column of touch.columns) mine.columns.add(column)
    }
    for (const called of body.functions.values()) this.call({ ...called, via: [...through, ...called.via] })
    for (const [source, uses] of body.predicates) {
      for (const use of uses) this.use({ sources: [source], known: true, direct: true }, use)
    }
    // The same body can be reached by many ways.
    for (const assigned of body.assignments) this.assignments.add(assigned)
    for (const setting of body.settings) if (!this.settings.includes(setting)) this.settings.push(setting)
    for (const relation of body.deleted) this.deleted.add(relation)
    for (const reason of body.reasons) this.reasons.add(reason)
    // They are places of another text.
    if (body.pins.size > 0) this.incomplete(sharedName)
    if (body.dynamic) this.dynamic = true
  }

  /** What the whole does, as the effects of a function with this body. */
  effects(): FunctionEffects {
    let effects: FunctionEffects = 'pure'
    for (const called of this.functions.values()) effects = worse(effects, called.effects)
    for (const touch of this.relations.values()) {
      effects = worse(effects, touch.access === 'read' ? 'read' : 'write')
    }
    if (this.settings.length > 0) effects = worse(effects, 'write')
    return this.reasons.size > 0 ? 'unknown' : effects
  }
}
