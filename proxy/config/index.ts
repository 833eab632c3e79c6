// The contract of proxy/config: the checked configuration and how it is read.

export type * from './approval-types.ts'
export { isLoopback } from './check.ts'
export type * from './identity-types.ts'
export { LiveConfig, liveConfig, type Reloaded, watchConfig } from './live.ts'
export { checkConfigText, type LoadedConfig, loadConfig } from './load.ts'
export { processesOf, shareOf } from './processes.ts'
export type { ConfigProblem } from './read.ts'
export type * from './recording-types.ts'
export { configExampleText, configReferenceText } from './reference.ts'
export { configSchemaText } from './schema.ts'
export { showConfig } from './show.ts'
export type * from './types.ts'
