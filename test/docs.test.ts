// Every command of the documentation is run, page by page in an empty folder, and prints what the page says.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('../docs', import.meta.url))
const bin = fileURLToPath(new URL('../bin/sallyport.js', import.meta.url))

/** A fenced block: what it is, the file it is to be, its lines. */
interface Block {
  readonly kind: string
  readonly file: string
  readonly lines: readonly string[]
}

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, kind = '', file = '', body = '']) => ({
    kind,
    file,
    lines: body.replace(/\n$/, '').split('\n'),
  }))
}

/** Commands of a console block, each with what it prints. */
function commandsOf(
  lines: readonly string[],
): readonly { readonly command: string; readonly wanted: readonly string[] }[] {
  const commands: { command: string; wanted: string[] }[] = []
  for (const line of lines) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), wanted: [] })
    else commands.at(-1)?.wanted.push(line)
  }
  return commands
}

/** Whether lines are as wanted: `...` alone stands for any lines, within a line for any text. */
function agree(got: readonly string[], wanted: readonly string[]): boolean {
  const [first, ...rest] = wanted
  if (first === undefined) return got.length === 0
  if (first === '...') return got.some((_, at) => agree(got.slice(at), rest)) || agree([], rest)
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
  return parts.at(-1) === '' || got.endsWith(parts.at(-1) ?? '')
}

const pages = readdirSync(docs).filter((page) => page.endsWith('.md'))

test('the documentation has pages, and each is in its index', () => {
  const index = readFileSync(join(docs, 'README.md'), 'utf8')
  assert.ok(pages.length > 4)
  for (const page of pages.filter((one) => one !== 'README.md')) assert.ok(index.includes(`(${page})`), page)
})

for (const page of pages) {
  const blocks = blocksOf(readFileSync(join(docs, page), 'utf8'))
  if (!blocks.some(({ kind }) => kind === 'console')) continue
  test(`docs/${page} prints what it says`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'docs-'))
    const path = mkdtempSync(join(tmpdir(), 'bin-'))
    writeFileSync(join(path, 'sallyport'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
    chmodSync(join(path, 'sallyport'), 0o700)
    for (const { kind, file, lines } of blocks) {
      if (file !== '') {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), `${lines.join('\n')}\n`)
      }
      if (kind !== 'console') continue
      for (const { command, wanted } of commandsOf(lines)) {
        const { stdout, stderr } = spawnSync('/bin/sh', ['-c', `${command} 2>&1`.replace(/(.*)/s, '{ $1; }')], {
          cwd: folder,
          env: { ...process.env, PATH: `${path}:${process.env['PATH']}`, NO_COLOR: '1' },
          encoding: 'utf8',
        })
        const got = `${stdout}${stderr}`
          .replace(/\n$/, '')
          .split('\n')
          .filter((line, _at, all) => all.length > 1 || line !== '')
        assert.ok(agree(got, wanted), `${command}\nprinted:\n${got.join('\n')}\nthe page says:\n${wanted.join('\n')}`)
      }
    }
  })
}
