// The contract of proxy/gate: what protocols call, and how the composition root builds a gate.
export type * from './contract.ts'
export { createGate } from './gate.ts'
export * from './ports.ts'
export { systemClock } from './system-clock.ts'
