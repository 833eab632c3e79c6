// The contract of rego/syntax.
export * from './ast.ts'
export { diagnosticsMax, nestingMax } from './cursor.ts'
export * from './diagnostic.ts'
export { sourceLengthMax } from './lexer.ts'
export { type ParsedModule, type ParseOptions, parseModule, parseQuery, parseTerm } from './parse.ts'
