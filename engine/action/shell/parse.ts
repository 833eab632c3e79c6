// Command lines by the shell's grammar: lists, pipelines, compound commands, functions, redirections, here-documents.
// What is not surely the same in every shell makes the line incomplete; what was read up to there is still reported.
import { dangerousVariable } from './programs.ts'
import { depthMax, type Findings, lineCharsMax, Scanner, Unreadable } from './scan.ts'
import { balanced, readText, readWord, type Word, type WordContext } from './words.ts'
import { runCommand } from './wrappers.ts'

const operators = ['&&', '||', ';;&', ';;', ';&', '|&', ';', '&', '|', '\n', '(', ')'] as const
const redirections = ['<<<', '<<-', '<<', '<>', '<&', '>>', '>&', '>|', '&>>', '&>', '<', '>'] as const
const reserved = new Set(['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'do', 'done', '{', '}', '!', 'time'])

/** Reads a script into the findings. Never throws. */
export function readScript(text: string, findings: Findings, via: readonly string[], depth: number): void {
  if (depth > depthMax) {
    findings.doubt('constructs nest too deep')
    return
  }
  if (text.length > lineCharsMax) {
    findings.doubt('the text is too long')
    return
  }
  if (text.includes('\0')) {
    findings.doubt('the text has a NUL')
    return
  }
  try {
    new Script(text, findings, via, depth).read()
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    findings.doubt(error.message)
  }
}

class Script {
  readonly #scanner: Scanner
  readonly #findings: Findings
  readonly #context: WordContext
  readonly #hereDocuments: { readonly end: string; readonly strip: boolean; readonly expands: boolean }[] = []

  constructor(text: string, findings: Findings, via: readonly string[], depth: number) {
    this.#scanner = new Scanner(text)
    this.#findings = findings
    this.#context = {
      findings,
      via,
      depth,
      readScript: (inner, innerVia, innerDepth) => readScript(inner, findings, innerVia, innerDepth),
    }
  }

  read(): void {
    while (!this.#scanner.isAtEnd) {
      this.#blanks()
      if (this.#scanner.isAtEnd) break
      if (this.#operator() !== undefined) continue
      this.#command()
    }
    if (this.#hereDocuments.length > 0) this.#findings.doubt('a here-document does not end')
  }

  #blanks(): void {
    const scanner = this.#scanner
    for (;;) {
      if (scanner.ahead === ' ' || scanner.ahead === '\t') scanner.at++
      else if (scanner.startsWith('\\\n')) scanner.at += 2
      else if (scanner.ahead === '#') scanner.skipLine()
      else return
    }
  }

  /** Takes one operator. Brackets of subshells only group: what is in them is read like the rest. */
  #operator(): string | undefined {
    const scanner = this.#scanner
    if (scanner.startsWith('((')) {
      // Arithmetic to some shells, a subshell in a subshell to others.
      this.#findings.doubt('`((` is read differently by shells')
      scanner.at += 2
      return '(('
    }
    const found = operators.find((one) => scanner.startsWith(one) && !(one === '&' && scanner.startsWith('&>')))
    if (found === undefined) return undefined
    scanner.at += found.length
    if (found === '\n') this.#bodies()
    return found
  }

  /** The bodies of here-documents that began on the line before. */
  #bodies(): void {
    const scanner = this.#scanner
    for (const { end, strip, expands } of this.#hereDocuments.splice(0)) {
      let body = ''
      for (;;) {
        if (scanner.isAtEnd) throw new Unreadable('a here-document does not end')
        const stop = scanner.text.indexOf('\n', scanner.at)
        const line = scanner.text.slice(scanner.at, stop < 0 ? undefined : stop)
        scanner.at = stop < 0 ? scanner.text.length : stop + 1
        if ((strip ? line.replace(/^\t+/, '') : line) === end) break
        body += `${line}\n`
      }
      if (expands) readText(body, this.#context)
    }
  }

  /** One simple command, or the words that begin and join compound ones. */
  #command(): void {
    const words: Word[] = []
    const assignments: { name: string; value: string | null }[] = []
    for (;;) {
      this.#blanks()
      if (this.#redirection()) continue
      const word = this.#word()
      if (word === undefined) break
      const keyword = word.quoted || words.length > 0 || assignments.length > 0 ? undefined : word.value
      if (keyword !== undefined && keyword !== null) {
        if (reserved.has(keyword)) continue
        if (keyword === 'for') {
          this.#loop()
          return
        }
        if (keyword === 'case') {
          this.#case()
          return
        }
        if (keyword === 'function') {
          this.#named()
          return
        }
        if (keyword === '[[') {
          this.#test()
          return
        }
        if (keyword === 'coproc' || keyword === 'select') {
          this.#findings.doubt(`\`${keyword}\` is not followed`)
          continue
        }
      }
      if (words.length === 0 && this.#isFunction(word)) return
      const assigned = words.length === 0 ? assignment(word) : undefined
      if (assigned === undefined) words.push(word)
      else {
        this.#assigned(assigned.name, word)
        assignments.push(assigned)
      }
    }
    if (words.length === 0 && assignments.length === 0) {
      if (!this.#scanner.isAtEnd && !isEnd(this.#scanner))
        throw new Unreadable('the line is not written as shells read it')
      return
    }
    if (words.length === 0) return
    runCommand(
      {
        argv: words.map((word) => word.value),
        assignments,
        via: this.#context.via,
        raw: words.map((word) => word.raw),
      },
      this.#findings,
      this.#context.depth,
      readScript,
    )
  }

  #word(): Word | undefined {
    return readWord(this.#scanner, this.#context)
  }

  /** A redirection, with or without a number before it. */
  #redirection(): boolean {
    const scanner = this.#scanner
    const start = scanner.at
    while (/[0-9]/.test(scanner.ahead)) scanner.at++
    const operator =
      scanner.startsWith('<(') || scanner.startsWith('>(')
        ? undefined
        : redirections.find((one) => scanner.startsWith(one))
    if (operator === undefined) {
      scanner.at = start
      return false
    }
    scanner.at += operator.length
    this.#blanks()
    const target = this.#word()
    if (target === undefined) throw new Unreadable('a redirection leads nowhere')
    if (operator === '<<' || operator === '<<-') {
      this.#hereDocuments.push({
        end: target.value ?? target.raw,
        strip: operator === '<<-',
        expands: !target.quoted,
      })
      return true
    }
    this.#findings.redirect({
      operator,
      target: operator === '<<<' ? null : target.value,
      writes: operator.includes('>') && !(operator === '>&' && /^([0-9]+|-)$/.test(target.value ?? '')),
    })
    return true
  }

  #assigned(name: string, word: Word): void {
    const { findings } = this.#context
    if (dangerousVariable(name)) findings.doubt(`\`${name}\` changes what commands do`)
    if (word.raw.includes('[') && word.raw.indexOf('[') < word.raw.indexOf('='))
      findings.doubt('a subscript can run commands')
    // An array: its words are read, its value is not known.
    if (word.raw.endsWith('=') && this.#scanner.ahead === '(') {
      this.#scanner.at++
      const inner = balanced(this.#scanner, ')')
      readText(inner, this.#context)
      findings.doubt('an array is not followed')
    }
  }

  /** `name()` and its body: the body is read like any other commands. */
  #isFunction(word: Word): boolean {
    const scanner = this.#scanner
    if (!scanner.startsWith('(')) return false
    const before = scanner.at
    scanner.at++
    this.#blanks()
    if (!scanner.skip(')')) {
      scanner.at = before
      throw new Unreadable('a bracket stands where none is understood')
    }
    this.#functionOf(word)
    return true
  }

  #named(): void {
    this.#blanks()
    const name = this.#word()
    this.#blanks()
    if (this.#scanner.skip('(')) {
      this.#blanks()
      this.#scanner.skip(')')
    }
    this.#functionOf(name)
  }

  /** A function takes the place of a program of its name, so what that name runs later is its body, which is read here. */
  #functionOf(name: Word | undefined): void {
    this.#findings.doubt(`\`${name?.value ?? 'a name'}\` is made a function`)
  }

  /** `for name in words` up to `do`; the body is read like the rest. */
  #loop(): void {
    this.#blanks()
    if (this.#scanner.startsWith('((')) {
      this.#operator()
      this.#findings.doubt('arithmetic can run commands')
      return
    }
    const name = this.#word()
    if (name?.value === null || name === undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name.value))
      throw new Unreadable('a loop has no variable')
    if (dangerousVariable(name.value)) this.#findings.doubt(`\`${name.value}\` changes what commands do`)
    this.#words()
  }

  /** Words up to the end of a line or list. */
  #words(): void {
    for (;;) {
      this.#blanks()
      if (this.#word() === undefined) return
    }
  }

  /** `case word in pattern) commands ;; esac`: patterns hide nothing but substitutions; commands are read. */
  #case(): void {
    this.#blanks()
    this.#word()
    this.#gap()
    const word = this.#word()
    if (word?.value !== 'in') throw new Unreadable('a case is not written as shells read it')
    // Patterns look like commands to whoever does not count them, so the rest of the construct is not followed closely.
    this.#findings.doubt('a case is not followed')
  }

  #gap(): void {
    for (;;) {
      this.#blanks()
      if (!this.#scanner.skip('\n')) return
    }
  }

  /** `[[ ... ]]`: tests; its arithmetic and subscripts can run commands. */
  #test(): void {
    const scanner = this.#scanner
    let isRisky = false
    for (;;) {
      this.#gap()
      if (scanner.isAtEnd) throw new Unreadable('a test does not end')
      const word = this.#word()
      if (word === undefined) {
        // To a shell without `[[` what follows an operator is a command.
        isRisky = true
        scanner.at++
        continue
      }
      if (!word.quoted && word.raw === ']]') break
      if (/^-(v|R|eq|ne|lt|le|gt|ge)$/.test(word.raw) || word.raw.includes('[')) isRisky = true
    }
    if (isRisky) this.#findings.doubt('a test can run commands')
  }
}

function assignment(word: Word): { readonly name: string; readonly value: string | null } | undefined {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(\[[^\]]*\])?\+?=/.exec(word.raw)
  const name = match?.[1]
  if (match === null || name === undefined) return undefined
  return { name, value: word.value === null ? null : word.value.slice(word.value.indexOf('=') + 1) }
}

function isEnd(scanner: Scanner): boolean {
  return operators.some((one) => scanner.startsWith(one))
}
