// Loads `.ts` as the JavaScript that it is without its types.
import { fileURLToPath } from 'node:url'
import { compiled } from './compiled-ts.mjs'

/** The hook that Node calls for each module. */
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  return { format: 'module', source: await compiled(fileURLToPath(url)), shortCircuit: true }
}
