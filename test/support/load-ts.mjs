// Lets a test process load TypeScript: `node --import ./test/support/load-ts.mjs FILE.ts`. There is a process a test file,
// and most of what a short one takes is loading; what was compiled once is read again here.
import { register } from 'node:module'

register('./load-ts-hooks.mjs', import.meta.url)
