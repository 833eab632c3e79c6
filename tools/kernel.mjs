// Compiles the AssemblyScript kernel of the streaming matcher. `node tools/kernel.mjs` writes
// engine/masking/kernel/kernel.wasm, which is kept in the repository; a test compiles it again and compares.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const options = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--memoryBase', '1024'],
  ...['--initialMemory', '10', '--maximumMemory', '1024'],
]
// Conversions between usize and i32 are no loss: memory is 32 bits wide.
const quiet = ['--use', 'abort=', '--disableWarning', '201']

/** Compiles the kernel; gives its bytes. Rejects with what the compiler said. */
export async function compileKernel(root) {
  const { default: asc } = await import('assemblyscript/asc')
  let bytes
  const { error, stderr } = await asc.main(
    ['engine/masking/kernel/assembly/index.ts', '-o', 'kernel.wasm', ...options, ...quiet, '--baseDir', root],
    {
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm') bytes = contents
      },
    },
  )
  if (error !== null || bytes === undefined) throw new Error(`the kernel does not compile:\n${stderr.toString()}`)
  return bytes
}

/** Compiles the kernel and writes it beside its sources. */
export async function buildKernel(root) {
  writeFileSync(join(root, 'engine/masking/kernel/kernel.wasm'), await compileKernel(root))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernel(fileURLToPath(new URL('..', import.meta.url)))
