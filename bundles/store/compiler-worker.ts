// The thread that compiles: sources in, a module and its plan out, or what is wrong with them. It also hashes files.
import { parentPort } from 'node:worker_threads'
import { writePlanJson } from '../../rego/ir/index.ts'
import { BundleError } from '../format/index.ts'
import { fileDigest } from '../signing/index.ts'
import {
  type CompiledText,
  type CompileRequest,
  compileSources,
  type DigestAnswer,
  type DigestRequest,
  moduleOf,
} from './compile-sources.ts'

if (parentPort === null) throw new Error('not started as a compiler')
const port = parentPort

// The parent is the only one who sends.
port.on('message', (request: CompileRequest | DigestRequest) => {
  port.postMessage('sources' in request ? compiled(request) : hashed(request))
})

function hashed({ path, bytes, algorithm }: DigestRequest): DigestAnswer {
  try {
    return { digest: fileDigest(path, bytes, algorithm) }
  } catch (error) {
    return error instanceof BundleError
      ? { refused: error.message, code: error.code }
      : { refused: 'the file cannot be hashed', code: 'bad_data' }
  }
}

function compiled({ sources, plan }: CompileRequest): CompiledText {
  try {
    const { policy, rules } = compileSources(sources)
    return { module: moduleOf(policy), plan: plan ? writePlanJson(policy) : undefined, rules }
  } catch (error) {
    return { refused: error instanceof BundleError ? error.message : 'the policy cannot be compiled' }
  }
}
