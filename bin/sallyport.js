#!/usr/bin/env node
// Starts the built program. In a checkout it first brings `dist/` up to date, so that it never runs stale code.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)
if (existsSync(new URL('build.mjs', root))) {
  const { buildIfStale } = await import(new URL('build.mjs', root).href)
  buildIfStale(fileURLToPath(root))
}
const { main } = await import(new URL('dist/program/main.js', root).href)
await main(process.argv.slice(2))
