// The contract of engine/approval.
export * from './machine.ts'
export * from './statement.ts'
export * from './view.ts'
