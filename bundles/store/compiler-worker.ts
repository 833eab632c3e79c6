// The thread that compiles: sources in, a module and its plan out, or what is wrong with them.
import { parentPort } from 'node:worker_threads'
import type { SourceModule } from '../../rego/compile/index.ts'
import { writePlanJson } from '../../rego/ir/index.ts'
import { BundleError } from '../format/index.ts'
import { type CompiledText, compilePolicy, moduleOf } from './compile-sources.ts'

if (parentPort === null) throw new Error('not started as a compiler')
const port = parentPort

// The parent is the only one who sends, and it sends sources.
port.on('message', (sources: readonly SourceModule[]) => {
  port.postMessage(compiled(sources))
})

function compiled(sources: readonly SourceModule[]): CompiledText {
  try {
    const policy = compilePolicy(sources)
    return { module: moduleOf(policy), plan: writePlanJson(policy) }
  } catch (error) {
    return { refused: error instanceof BundleError ? error.message : 'the policy cannot be compiled' }
  }
}
