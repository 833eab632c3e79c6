// Modules made by fast-check, as the parser would make them: the same trees, with no places.
import fc from 'fast-check'
import {
  callExpr,
  callTerm,
  type Expr,
  type Head,
  type Module,
  nowhere,
  numberTerm,
  type Rule,
  stringTerm,
  type Term,
  termExpr,
  type VarTerm,
  varTerm,
} from '../../../rego/syntax/index.ts'

const name = fc.constantFrom('x', 'y', 'foo', 'bar_2')
const variable = name.map((text): VarTerm => varTerm(text, nowhere))
const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('if', 'a.b', '`', '{', '"\\'))
const string = text.map((value) => stringTerm(value, nowhere))
const integer = fc.integer({ min: -9, max: 1000 }).map((value) => numberTerm(String(value), nowhere))
const infix = fc.constantFrom('plus', 'minus', 'mul', 'div', 'rem', 'and', 'or', 'equal', 'neq', 'lt', 'gte')

const nodes = fc.letrec<{ term: Term; expr: Expr; body: readonly Expr[]; leaf: Term }>((tie) => {
  const term = tie('term')
  const terms = fc.array(term, { maxLength: 3 })
  const path = fc.array(fc.oneof(string, variable, integer), { minLength: 1, maxLength: 3 })
  const call = fc.tuple(fc.constantFrom('count', 'f', 'time.now_ns', 'data.a.f'), terms)
  const pair = fc.tuple(infix, term, term)
  const leaf: fc.Arbitrary<Term> = fc.oneof(
    string,
    integer,
    variable,
    fc.boolean().map((value): Term => ({ kind: 'boolean', value, location: nowhere })),
    fc.constant<Term>({ kind: 'null', location: nowhere }),
    fc.constant(varTerm('$0', nowhere)),
  )
  const bodies = tie('body')
  return {
    leaf,
    term: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'term' },
      leaf,
      fc
        .tuple(fc.constantFrom('input', 'data', 'x'), path)
        .map(([head, steps]): Term => ({ kind: 'ref', head: varTerm(head, nowhere), path: steps, location: nowhere })),
      terms.map((items): Term => ({ kind: 'array', items, location: nowhere })),
      terms.map((items): Term => ({ kind: 'set', items, location: nowhere })),
      fc
        .array(fc.tuple(term, term), { maxLength: 3 })
        .map((entries): Term => ({ kind: 'object', entries, location: nowhere })),
      fc
        .tuple(fc.constantFrom('array' as const, 'set' as const), term, bodies)
        .map(([of, value, body]): Term => ({ kind: 'comprehension', of, value, body, location: nowhere })),
      fc
        .tuple(term, term, bodies)
        .map(
          ([key, value, body]): Term => ({ kind: 'comprehension', of: 'object', key, value, body, location: nowhere }),
        ),
      call.map(([operator, args]) => callTerm(operator, args, nowhere)),
      pair.map(([operator, a, b]) => callTerm(operator, [a, b], nowhere)),
      fc.tuple(term, term).map(([a, b]) => callTerm('internal.member_2', [a, b], nowhere)),
      fc.tuple(term, term, term).map(([a, b, c]) => callTerm('internal.member_3', [a, b, c], nowhere)),
      fc.tuple(text, variable, text).map(
        ([before, value, after]): Term => ({
          kind: 'template',
          parts: [before, termExpr(value, nowhere), after].filter((part) => part !== ''),
          raw: false,
          location: nowhere,
        }),
      ),
    ),
    expr: fc
      .tuple(
        fc.oneof(
          { maxDepth: 3, depthIdentifier: 'term' },
          leaf.map((one): Expr => termExpr(one, nowhere)),
          term.map(
            (one): Expr =>
              one.kind === 'call'
                ? { kind: 'call', operator: one.operator, args: one.args, negated: false, with: [], location: nowhere }
                : termExpr(one, nowhere),
          ),
          fc.tuple(variable, term).map(([left, right]): Expr => callExpr('assign', [left, right], nowhere)),
          fc.tuple(term, term).map(([left, right]): Expr => callExpr('eq', [left, right], nowhere)),
          fc
            .array(variable, { minLength: 1, maxLength: 3 })
            .map((names): Expr => ({ kind: 'some', names, negated: false, with: [], location: nowhere })),
          fc.tuple(term, term).map(
            ([value, domain]): Expr => ({
              kind: 'some_in',
              value,
              domain,
              negated: false,
              with: [],
              location: nowhere,
            }),
          ),
          fc.tuple(variable, variable, term, bodies).map(
            ([key, value, domain, body]): Expr => ({
              kind: 'every',
              key,
              value,
              domain,
              body,
              negated: false,
              with: [],
              location: nowhere,
            }),
          ),
        ),
        fc.boolean(),
        fc.array(term, { maxLength: 1 }),
      )
      .map(([expr, negated, values]): Expr => {
        const plain = expr.kind === 'term' || expr.kind === 'call'
        const target: Term = {
          kind: 'ref',
          head: varTerm('input', nowhere),
          path: [stringTerm('a', nowhere)],
          location: nowhere,
        }
        const modifiers = expr.kind === 'some' ? [] : values.map((value) => ({ target, value, location: nowhere }))
        return { ...expr, negated: plain && negated, with: modifiers }
      }),
    body: fc.array(tie('expr'), { minLength: 1, maxLength: 2, depthIdentifier: 'term' }),
  }
})

const common = { kind: 'rule', default: false, chained: false, annotations: [], location: nowhere } as const
const written = { if: true, contains: false, value: true }

const head = fc.oneof(
  fc
    .tuple(name, nodes.term)
    .map(([rule, value]): Head => ({ ref: varTerm(rule, nowhere), value, assign: true, location: nowhere })),
  fc
    .tuple(name, nodes.term)
    .map(([rule, key]): Head => ({ ref: varTerm(rule, nowhere), key, assign: false, location: nowhere })),
  fc
    .tuple(name, fc.array(nodes.term, { minLength: 1, maxLength: 2 }), nodes.term)
    .map(
      ([rule, args, value]): Head => ({ ref: varTerm(rule, nowhere), args, value, assign: true, location: nowhere }),
    ),
  fc.tuple(name, fc.array(fc.oneof(string, variable), { minLength: 1, maxLength: 2 }), nodes.term).map(
    ([rule, path, value]): Head => ({
      ref: { kind: 'ref', head: varTerm(rule, nowhere), path, location: nowhere },
      value,
      assign: true,
      location: nowhere,
    }),
  ),
)

const rule = fc
  .tuple(head, nodes.body, fc.option(fc.tuple(nodes.term, nodes.body), { nil: undefined }))
  .map(([one, body, otherwise]): Rule => {
    const canElse = one.key === undefined && one.ref.kind === 'var'
    const next: Rule | undefined =
      otherwise === undefined || !canElse
        ? undefined
        : {
            ...common,
            head: { ...one, value: otherwise[0] },
            body: otherwise[1],
            generatedBody: false,
            written,
          }
    return {
      ...common,
      head: one,
      body,
      generatedBody: false,
      written: { ...written, contains: one.key !== undefined },
      ...(next === undefined ? {} : { else: next }),
    }
  })

/** Modules of v1. */
export const generatedModule: fc.Arbitrary<Module> = fc.array(rule, { minLength: 1, maxLength: 3 }).map((rules) => ({
  file: '',
  source: '',
  regoVersion: 1,
  package: { path: ['p'], location: nowhere },
  imports: [],
  rules,
  comments: [],
  annotations: [],
}))
