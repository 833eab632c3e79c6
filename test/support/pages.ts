// Pages of documentation as programs: their files are written, their commands are run, and what is printed is what they say.
// A block's first line says more than its language: a file's name, or of a console
//   demo        a demo runs beside it        start      it starts that demo itself
//   other       another terminal             held       the command goes on while the next blocks are run
//   rest        what a held command prints in the end
//   eventually  asked again until it prints what is wanted
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { Terminal } from './terminal.ts'

/** A fenced block: its language, the words behind it, its lines. */
export interface Block {
  readonly kind: string
  readonly words: readonly string[]
  readonly lines: readonly string[]
}

/** Where a page is run. */
export interface Place {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Starts the demo and answers what it printed. */
  readonly demo: () => Promise<string>
}

const asksMax = 120
const betweenAsksMs = 250

/** A page with each port of this machine that it names exchanged for a free one. */
export async function withFreePorts(text: string): Promise<string> {
  const named = new Set([...text.matchAll(/127\.0\.0\.1:(\d{4,5})\b/g)].map(([, port = '']) => port))
  const free = new Map<string, string>()
  for (const port of named) free.set(port, String(await freePort()))
  return text.replaceAll(/\b\d{4,5}\b/g, (port) => free.get(port) ?? port)
}

/** The fenced blocks of a page. */
export function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w+)(?: ([^\n]+))?\n([\s\S]*?)^```$/gm)].map(
    ([, kind = '', words = '', body = '']) => ({
      kind,
      words: words.split(' ').filter((word) => word !== ''),
      lines: body.replace(/\n$/, '').split('\n'),
    }),
  )
}

/** Whether a page has commands, and whether they need a demo. */
export function needsOf(blocks: readonly Block[]): 'nothing' | 'commands' | 'demo' {
  const consoles = blocks.filter(({ kind }) => kind === 'console')
  if (consoles.some(({ words }) => words.includes('demo') || words.includes('start'))) return 'demo'
  return consoles.length > 0 ? 'commands' : 'nothing'
}

/** Runs a page; fails where it prints something else. */
export async function runPage(blocks: readonly Block[], place: Place): Promise<void> {
  const terminals = new Map<string, Terminal>()
  let guide: string | undefined
  try {
    for (const { kind, words, lines } of blocks) {
      const [file] = words
      if (kind !== 'console') {
        if (file !== undefined) writePage(join(place.folder, file), lines)
        continue
      }
      if (words.includes('start') || words.includes('demo')) guide ??= await place.demo()
      if (words.includes('start')) {
        agreeOn('npm start', guide ?? '', lines.slice(lines.indexOf('$ npm start') + 1))
        continue
      }
      const name = words.includes('other') ? 'other' : 'main'
      const terminal = terminals.get(name) ?? new Terminal(place.folder, place.env)
      terminals.set(name, terminal)
      await runBlock(terminal, words, lines)
    }
  } finally {
    for (const terminal of terminals.values()) terminal.close()
  }
}

function writePage(file: string, lines: readonly string[]): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${lines.join('\n')}\n`)
}

async function runBlock(terminal: Terminal, words: readonly string[], lines: readonly string[]): Promise<void> {
  if (words.includes('rest')) return agreeOn('the held command', await terminal.rest(), lines)
  for (const { command, wanted } of commandsOf(lines)) {
    if (words.includes('held')) {
      terminal.begin(command)
      agreeOn(command, await terminal.until((printed) => agree(linesOf(printed), wanted)), wanted)
      continue
    }
    let printed = ''
    for (let ask = 0; ask < (words.includes('eventually') ? asksMax : 1); ask++) {
      if (ask > 0) await setTimeout(betweenAsksMs)
      terminal.begin(command)
      printed = await terminal.rest()
      if (agree(linesOf(printed), wanted)) break
    }
    agreeOn(command, printed, wanted)
  }
}

/** Commands of a console block, each with what it prints. A line that begins with `> ` goes on the one before. */
function commandsOf(
  lines: readonly string[],
): readonly { readonly command: string; readonly wanted: readonly string[] }[] {
  const commands: { command: string; wanted: string[] }[] = []
  for (const line of lines) {
    const last = commands.at(-1)
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), wanted: [] })
    else if (line.startsWith('> ') && last?.wanted.length === 0) last.command += `\n${line.slice(2)}`
    else last?.wanted.push(line)
  }
  return commands
}

function linesOf(printed: string): readonly string[] {
  // psql ends its tables with an empty line, and pads them; neither can be seen on a page.
  const text = printed.replace(/[ \t]+$/gm, '').replace(/\n+$/, '')
  return text === '' ? [] : text.split('\n')
}

function agreeOn(command: string, printed: string, wanted: readonly string[]): void {
  const got = linesOf(printed)
  assert.ok(agree(got, wanted), `${command}\nprinted:\n${got.join('\n')}\nthe page says:\n${wanted.join('\n')}`)
}

/** Whether lines are as wanted: `...` alone stands for any lines, within a line for any text. */
function agree(got: readonly string[], wanted: readonly string[]): boolean {
  const [first, ...rest] = wanted
  if (first === undefined) return got.length === 0
  if (first.trim() === '...') return got.some((_, at) => agree(got.slice(at), rest)) || agree([], rest)
  const [line, ...more] = got
  return line !== undefined && agreesLine(line, first) && agree(more, rest)
}

function agreesLine(got: string, wanted: string): boolean {
  const parts = wanted.split('...')
  let at = 0
  for (const [index, part] of parts.entries()) {
    const found = got.indexOf(part, at)
    if (found < 0 || (index === 0 && found !== 0)) return false
    at = found + part.length
  }
  return parts.length > 1 ? parts.at(-1) === '' || got.endsWith(parts.at(-1) ?? '') : got === wanted
}
