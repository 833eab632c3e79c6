// `sallyport analyze shell`: what a command line does, as policies would see it.
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { analyzeLine } from '../../engine/action/shell/index.ts'

const usage = `usage: sallyport analyze shell [--lines] [LINE]

  --lines   JSON Lines on standard input: {"id", "text"}; one JSON object a line out
`

/** Runs `sallyport analyze shell`. Exit 0, or 1 for wrong usage. */
export async function run(args: readonly string[]): Promise<number> {
  let isLines: boolean
  let positionals: string[]
  try {
    const parsed = parseArgs({ args: [...args], allowPositionals: true, options: { lines: { type: 'boolean' } } })
    isLines = parsed.values.lines ?? false
    positionals = parsed.positionals
  } catch {
    return wrong()
  }
  if (isLines) {
    if (positionals.length > 0) return wrong()
    for await (const line of createInterface({ input: process.stdin })) {
      if (line.trim() !== '') process.stdout.write(`${JSON.stringify(answer(line))}\n`)
    }
    return 0
  }
  const [text] = positionals
  if (text === undefined || positionals.length > 1) return wrong()
  process.stdout.write(`${JSON.stringify(analyzeLine(text), null, 2)}\n`)
  return 0
}

function answer(line: string): object {
  try {
    const request: unknown = JSON.parse(line)
    const field = (name: string): unknown =>
      typeof request === 'object' && request !== null ? Reflect.get(request, name) : undefined
    const text = field('text')
    return typeof text === 'string'
      ? { id: field('id'), ...analyzeLine(text) }
      : { id: field('id'), error: 'a line has an `id` and a `text`' }
  } catch {
    return { error: 'a line is a JSON object with an `id` and a `text`' }
  }
}

function wrong(): number {
  process.stderr.write(usage)
  return 1
}
