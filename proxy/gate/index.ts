// The contract of proxy/gate: what protocols call, and how the composition root builds a gate.
export { RootLedger } from './budget.ts'
export type * from './contract.ts'
export { createGate } from './gate.ts'
export { idSource } from './ids.ts'
export * from './ports.ts'
export { SharedUsage, type UsageStore } from './shared-usage.ts'
export { systemClock } from './system-clock.ts'
