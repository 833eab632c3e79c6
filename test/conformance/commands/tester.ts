// The rows of v1/tester: what of them is a module that is tested.
import { exits, type RowReader } from '../command-rows.ts'

const reasons: { readonly [func: string]: string } = {
  TestInjectTestCaseFunc: 'asserts the text of rewritten rules',
  TestRunWithPrefixMatchers: 'the tests that are chosen among are in Go',
  TestRunWithFilterRegex: 'the tests that are chosen among are in Go',
  TestRunnerWithBuiltinErrors: 'the module is in Go',
  TestRun_DefaultRegoVersion: 'the module is a syntax tree built by Go expressions',
}

/** Reads a row. */
export const testerRow: RowReader = (func, row) => {
  const { module } = row
  if (typeof module !== 'string' || reasons[func] !== undefined)
    return { skip: reasons[func] ?? 'looks at values that only the Go runner has' }
  return {
    files: { 'test.rego': module },
    args: ['test', 'test.rego'],
    judge: (ran) => exits(ran, (status) => status === 0),
  }
}
