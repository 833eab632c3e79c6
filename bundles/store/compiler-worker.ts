// The thread that compiles: sources in, a module and its plan out, or what is wrong with them.
import { parentPort } from 'node:worker_threads'
import { writePlanJson } from '../../rego/ir/index.ts'
import { BundleError } from '../format/index.ts'
import { type CompiledText, type CompileRequest, compileSources, moduleOf } from './compile-sources.ts'

if (parentPort === null) throw new Error('not started as a compiler')
const port = parentPort

// The parent is the only one who sends, and it sends sources.
port.on('message', (request: CompileRequest) => {
  port.postMessage(compiled(request))
})

function compiled({ sources, plan }: CompileRequest): CompiledText {
  try {
    const { policy, rules } = compileSources(sources)
    return { module: moduleOf(policy), plan: plan ? writePlanJson(policy) : undefined, rules }
  } catch (error) {
    return { refused: error instanceof BundleError ? error.message : 'the policy cannot be compiled' }
  }
}
