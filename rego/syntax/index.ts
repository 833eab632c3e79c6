// The contract of rego/syntax.

export { readAuthor, readRelatedResource } from './annotation-fields.ts'
export * from './ast.ts'
export { moduleJson } from './ast-json.ts'
export type { LanguageCapabilities } from './capabilities.ts'
export { diagnosticsMax, nestingMax, rowMax } from './cursor.ts'
export * from './diagnostic.ts'
export { sourceLengthMax } from './lexer.ts'
export { type ParsedModule, type ParseOptions, parseModule, parseQuery, parseStatements, parseTerm } from './parse.ts'
export { termFromValue } from './term-from-value.ts'
export { refString, termString, valueName } from './term-string.ts'
