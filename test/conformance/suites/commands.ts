// OPA's tables of its own commands, run by ours: exit codes, what is printed, what is built.
import { Capabilities, runTable } from '../command-rows.ts'
import { buildRow } from '../commands/build.ts'
import { checkRow } from '../commands/check.ts'
import { evalRow } from '../commands/eval.ts'
import { fmtRow } from '../commands/fmt.ts'
import { inspectRow } from '../commands/inspect.ts'
import { signRow } from '../commands/sign.ts'
import { testRow } from '../commands/test.ts'
import { testerRow } from '../commands/tester.ts'
import type { Suite } from '../suite.ts'

const tables = [
  ['cmd__test_test', testRow],
  ['cmd__check_test', checkRow],
  ['cmd__fmt_test', fmtRow],
  ['cmd__eval_test', evalRow],
  ['cmd__build_test', buildRow],
  ['cmd__inspect_test', inspectRow],
  ['cmd__sign_test', signRow],
  ['v1__tester__runner_test', testerRow],
  ['v1__tester__runer_compile_test', testerRow],
  ['v1__tester__runner_internal_test', testerRow],
  ['v1__tester__reporter_test', testerRow],
] as const

/** All commands by the command line. */
export const suites: readonly Suite[] = [
  {
    suite: 'cmd',
    engine: 'cli',
    gate: 0.95,
    needs: 'go-tables/cmd__test_test.json',
    run: async (dataDir, report) => {
      const capabilities = new Capabilities()
      for (const [table, read] of tables) runTable(dataDir, table, read, capabilities, report)
    },
  },
]
