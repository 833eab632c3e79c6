// Compiles policies on a thread of its own, so that a new revision never holds up the decisions of the one that is live,
// and hashes its long documents there.
// A thread that takes too long or breaks is ended, its revision refused, and the next revision gets another thread.
import { Worker } from 'node:worker_threads'
import { readPolicy } from '../../rego/ir/index.ts'
import { readJson } from '../../rego/value/index.ts'
import { BundleError } from '../format/index.ts'
import { type FileDigest, fileDigest, isStructured } from '../signing/index.ts'
import {
  type Compile,
  type CompiledSources,
  type CompileRequest,
  type DigestRequest,
  isCompiledText,
  isDigestAnswer,
} from './compile-sources.ts'

/** A revision may take this long to compile. */
const compileMs = 60_000
/** A thread is kept this long after its last revision: the edit of someone at work finds it warm. */
const idleMs = 5 * 60_000
const memoryMegabytes = 1024

/** A document below this is hashed sooner than it is told to a thread. */
const shortBytes = 64 * 1024

interface Job {
  readonly request: CompileRequest | DigestRequest
  readonly done: (answer: unknown) => void
  readonly failed: (error: BundleError) => void
}

/** The thread. It starts with the first revision and does not keep the process alive. */
export class CompilerThread {
  readonly #waiting: Job[] = []
  #worker: Worker | undefined
  #running: Job | undefined
  #timer: NodeJS.Timeout | undefined

  /** Compiles one after another; rejects with BundleError. */
  readonly compile: Compile = async (sources, { plan }) => {
    return compiledOf(await this.#asked({ sources, plan }))
  }

  /** Hashes a file of a bundle: those whose content has to be read, here only where they are short. */
  readonly digest: FileDigest = async (path, bytes, algorithm) => {
    if (bytes.length < shortBytes || !isStructured(path)) return fileDigest(path, bytes, algorithm)
    const answer = await this.#asked({ path, bytes, algorithm })
    if (!isDigestAnswer(answer)) throw new BundleError('not_compiled', 'the bundle cannot be verified here')
    if ('refused' in answer) throw new BundleError(answer.code, answer.refused)
    return answer.digest
  }

  /** Ends the thread; what waits is refused. */
  async close(): Promise<void> {
    const worker = this.#worker
    this.#lost('the gateway is ending')
    for (const job of this.#waiting.splice(0)) job.failed(new BundleError('not_compiled', 'the gateway is ending'))
    await worker?.terminate()
  }

  #asked(request: Job['request']): Promise<unknown> {
    return new Promise((done, failed) => {
      this.#waiting.push({ request, done, failed })
      this.#next()
    })
  }

  #next(): void {
    if (this.#running !== undefined) return
    const job = this.#waiting.shift()
    clearTimeout(this.#timer)
    if (job === undefined) {
      if (this.#worker !== undefined) this.#timer = setTimeout(() => void this.close(), idleMs).unref()
      return
    }
    this.#running = job
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#timer = setTimeout(() => this.#lost('the policy takes too long to compile'), compileMs)
    this.#worker.postMessage(job.request)
  }

  #start(): Worker {
    const worker = compilerThread()
    worker.on('message', (answer: unknown) => {
      if (worker !== this.#worker) return
      const job = this.#running
      this.#running = undefined
      worker.unref()
      job?.done(answer)
      this.#next()
    })
    const broke = (): void => {
      if (worker === this.#worker) this.#lost('the policy cannot be compiled here')
    }
    worker.on('error', broke)
    worker.on('exit', broke)
    return worker
  }

  /** The thread counts no more, and what it was at is refused. */
  #lost(why: string): void {
    const worker = this.#worker
    const job = this.#running
    this.#worker = undefined
    this.#running = undefined
    clearTimeout(this.#timer)
    void worker?.terminate()
    job?.failed(new BundleError('not_compiled', why))
    if (this.#waiting.length > 0) this.#next()
  }
}

function compiledOf(answer: unknown): CompiledSources {
  if (!isCompiledText(answer)) throw new BundleError('not_compiled', 'the policy cannot be compiled here')
  if ('refused' in answer) throw new BundleError('bad_text', answer.refused)
  const { module, plan, rules } = answer
  return {
    module,
    rules,
    policy: () => {
      if (plan === undefined) throw new TypeError('the plan was not wanted')
      return readPolicy(readJson(plan))
    },
  }
}

/** There is a build and there are sources; a thread does not inherit what runs the sources. */
function compilerThread(): Worker {
  const options = { resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes } }
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./compiler-worker.js', import.meta.url), options)
  const source = JSON.stringify(new URL('./compiler-worker.ts', import.meta.url).href)
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}) })`
  return new Worker(start, { ...options, eval: true })
}
