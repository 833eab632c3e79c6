// The test runner: `opa test` semantics over the interpreter.
export type * from './contract.ts'
export type { DiscoveredTest, ModuleOutline, RuleOutline } from './discover.ts'
export { discoverTests, fullName, isTodo, nameFilter } from './discover.ts'
export { BENCHMARK_MEASURE_MS, BENCHMARK_TIMEOUT_MS, OUTPUT_LINES_MAX, runTests, TEST_TIMEOUT_MS } from './run-tests.ts'
export { leaves } from './sub-results.ts'
