// What people type, for every protocol that has terminals.
export { type Edit, LineEditor } from './line-editor.ts'
