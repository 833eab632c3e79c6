// The Kubernetes analyzer's contract. Nobody outside this folder imports deeper.
export { analyzeKube, type KubeAnalysis, type KubeRefusal, type KubeRequest } from './analyze.ts'
export { mediaType } from './body.ts'
export type { ArgvAnalyzer } from './exec.ts'
export type { KubeFacts, KubeJson, KubePod } from './facts.ts'
export { type HeaderObjection, type Headers, headerObjection, headerOf } from './headers.ts'
export { JsonError, parseJson } from './json.ts'
export * from './limits.ts'
export { holdsSecrets } from './secrets.ts'
