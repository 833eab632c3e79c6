// Compiles the AssemblyScript runtime of policies. `node tools/runtime.mjs` writes rego/runtime/runtime.wasm, which is
// kept in the repository; a test compiles it again and compares.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd', '--memoryBase', '1024']
// Conversions between usize and u32 are no loss: memory is 32 bits wide.
const quiet = ['--use', 'abort=', '--disableWarning', '201']

/** Compiles the runtime; gives its bytes. Rejects with what the compiler said. */
export async function compileRuntime(root) {
  const { default: asc } = await import('assemblyscript/asc')
  let bytes
  const { error, stderr } = await asc.main(
    ['rego/runtime/assembly/index.ts', '-o', 'runtime.wasm', ...options, ...quiet, '--baseDir', root],
    {
      writeFile: (name, contents) => {
        if (name === 'runtime.wasm') bytes = contents
      },
    },
  )
  if (error !== null || bytes === undefined) throw new Error(`the runtime does not compile:\n${stderr.toString()}`)
  return bytes
}

/** Compiles the runtime and writes it beside its sources. */
export async function buildRuntime(root) {
  writeFileSync(join(root, 'rego/runtime/runtime.wasm'), await compileRuntime(root))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildRuntime(fileURLToPath(new URL('..', import.meta.url)))
