// The contract of proxy/telemetry: logs, metrics, traces, the decision log, and the observer that feeds them.

export { LineFile } from './append-file.ts'
export * from './decision-log.ts'
export * from './log.ts'
export * from './metrics.ts'
export * from './observer.ts'
export * from './traces.ts'
