// What people type, for every protocol that has terminals.
export { CommandShell } from './command-shell.ts'
export { type Edit, LineEditor } from './line-editor.ts'
