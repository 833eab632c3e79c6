// The contract of rego/syntax/printer: modules and their parts as text, in canonical form.
export { type PrintOptions, printModule } from './module.ts'
export { isKeyword, isName } from './names.ts'
export { printExpr, printTerm } from './parts.ts'
