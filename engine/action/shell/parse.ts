// Command lines by the shell's grammar: lists, pipelines, compound commands, functions, redirections, here-documents.
// What is not surely the same in every shell makes the line incomplete; what was read up to there is still reported.
import { doubtOfAssignment } from './programs.ts'
import { depthMax, type Findings, lineCharsMax, Scanner, Unreadable } from './scan.ts'
import { balanced, readText, readWord, reopensBracket, type Word, type WordContext } from './words.ts'
import { runCommand } from './wrappers.ts'

const operators = ['&&', '||', ';;&', ';;', ';&', '|&', ';', '&', '|', '\n', '(', ')'] as const
const redirections = ['<<<', '<<-', '<<', '<>', '<&', '>>', '>&', '>|', '&>>', '&>', '<', '>'] as const
const numbersPattern = /<[0-9]*-[0-9]*>/y
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
    new Script(new Scanner(text), findings, via, depth, false).read()
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    findings.doubt(error.message)
  }
}

/** Reads a script where it stands, up to the bracket that closes it, which is taken. */
function readNested(scanner: Scanner, findings: Findings, via: readonly string[], depth: number): void {
  if (depth > depthMax) throw new Unreadable('constructs nest too deep')
  new Script(scanner, findings, via, depth, true).read()
}

class Script {
  readonly #scanner: Scanner
  readonly #findings: Findings
  readonly #context: WordContext
  readonly #hereDocuments: { readonly end: string; readonly strip: boolean; readonly expands: boolean }[] = []
  /** True for a script in brackets, which ends with the one that closes them. */
  readonly #isNested: boolean
  /** Brackets of subshells that are open. */
  #brackets = 0
  /** Whether a here-document began, and how many commands did. */
  #hasBody = false
  #count = 0
  /** True behind what a redirection may follow without a command of its own. */
  #isClosed = false
  /** True behind `case`: brackets also end its patterns. */
  #hasCase = false

  constructor(scanner: Scanner, findings: Findings, via: readonly string[], depth: number, isNested: boolean) {
    this.#scanner = scanner
    this.#findings = findings
    this.#isNested = isNested
    this.#context = {
      findings,
      via,
      depth,
      readScript: (inner, innerVia, innerDepth) => readScript(inner, findings, innerVia, innerDepth),
      readNested: (around, innerVia, innerDepth) => readNested(around, findings, innerVia, innerDepth),
    }
  }

  read(): void {
    for (;;) {
      this.#blanks()
      if (this.#scanner.isAtEnd) break
      if (this.#isNested && this.#brackets === 0 && this.#scanner.skip(')')) {
        if (this.#hasBody && this.#count > 1)
          this.#findings.doubt('commands beside a here-document in a substitution are read differently by shells')
        if (this.#hereDocuments.length > 0) throw new Unreadable('a here-document does not end')
        return
      }
      const operator = this.#operator()
      if (operator !== undefined) {
        this.#isClosed = operator === ')'
        continue
      }
      this.#count++
      this.#command()
    }
    if (this.#isNested || this.#brackets > 0) throw new Unreadable('a bracket does not close')
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
      this.#brackets += 2
      return '(('
    }
    const found = operators.find((one) => scanner.startsWith(one) && !(one === '&' && scanner.startsWith('&>')))
    if (found === undefined) return undefined
    scanner.at += found.length
    if (found === '\n') this.#bodies()
    else if (found === '(') this.#open()
    else if (found === ')') this.#close()
    return found
  }

  #open(): void {
    this.#brackets++
    if (reopensBracket(this.#scanner)) this.#findings.doubt('`((` is read differently by shells')
  }

  #close(): void {
    this.#brackets--
    if (this.#brackets >= 0) return
    if (this.#isNested || !this.#hasCase) throw new Unreadable('a bracket closes nothing')
    this.#brackets = 0
  }

  /** The bodies of here-documents that began on the line before. */
  #bodies(): void {
    const scanner = this.#scanner
    for (const { end, strip, expands } of this.#hereDocuments.splice(0)) {
      let body = ''
      // Where lines that a backslash joins are the end, or only a part of one is, shells end it in different places.
      let joined: string | undefined
      for (;;) {
        if (scanner.isAtEnd) throw new Unreadable('a here-document does not end')
        const stop = scanner.text.indexOf('\n', scanner.at)
        const line = scanner.text.slice(scanner.at, stop < 0 ? undefined : stop)
        scanner.at = stop < 0 ? scanner.text.length : stop + 1
        const bare = strip ? line.replace(/^\t+/, '') : line
        if (joined !== undefined && (bare === end || joined + line === end || joined + bare === end))
          throw new Unreadable('the end of a here-document is read differently by shells')
        if (bare === end) break
        if (!expands || !isContinued(line)) joined = undefined
        else joined = joined === undefined ? bare.slice(0, -1) : joined + line.slice(0, -1)
        body += `${line}\n`
      }
      if (expands) readText(body, this.#context)
    }
  }

  /** One simple command, or the words that begin and join compound ones. */
  #command(): void {
    const words: Word[] = []
    const assignments: { name: string; value: string | null }[] = []
    let isForked = false
    let isRedirected = false
    let isClosed = this.#isClosed
    this.#isClosed = false
    for (;;) {
      this.#blanks()
      const redirected = this.#redirection()
      if (redirected !== undefined) {
        isRedirected = true
        isForked ||= redirected.startsWith('&')
        continue
      }
      const word = this.#word()
      if (word === undefined) break
      // `ls &>f x`: to some shells `ls` in the background, and then the command `x`.
      if (isForked) this.#findings.doubt('`&>` is read differently by shells')
      this.#beforeRedirection(word)
      const keyword = word.quoted || words.length > 0 || assignments.length > 0 ? undefined : word.value
      if (keyword !== undefined && keyword !== null) {
        if (reserved.has(keyword)) {
          isClosed = keyword === '}' || keyword === 'fi' || keyword === 'done'
          continue
        }
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
          this.#isClosed = true
          return
        }
        if (keyword === 'coproc' || keyword === 'select') {
          this.#findings.doubt(`\`${keyword}\` is not followed`)
          continue
        }
      }
      // Some shells end a group there, and run what follows.
      if (word.raw === '}') this.#findings.doubt('`}` is read differently by shells')
      if (words.length === 0 && this.#isFunction(word)) return
      const assigned = words.length === 0 ? assignment(word) : undefined
      if (assigned === undefined) words.push(word)
      else {
        this.#assigned(assigned.name, word)
        assignments.push(assigned)
      }
    }
    const [first] = words
    if (first === undefined) {
      if (assignments.length === 0 && !this.#scanner.isAtEnd && !isEnd(this.#scanner))
        throw new Unreadable('the line is not written as shells read it')
      // Some shells run `cat` or a pager there.
      if (isRedirected && !isClosed && assignments.length === 0)
        this.#findings.doubt('a redirection without a command is read differently by shells')
      return
    }
    if (this.#scanner.startsWith('(')) {
      if (words.length > 1) throw new Unreadable('a bracket stands where none is understood')
      this.#isFunction(first)
      return
    }
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
    const word = readWord(this.#scanner, this.#context)
    if (word !== undefined && this.#hereDocuments.length > 0 && word.raw.includes('\n'))
      throw new Unreadable('a line ends in a word before a here-document')
    return word
  }

  /** A word right before a redirection may belong to it. */
  #beforeRedirection(word: Word): void {
    if (this.#scanner.ahead !== '<' && this.#scanner.ahead !== '>') return
    if (word.raw.startsWith('{') && word.raw.endsWith('}')) this.#findings.doubt('a redirection sets a variable')
    if (word.raw.endsWith('\\\n')) this.#findings.doubt('a number of a redirection is not told from a word')
  }

  /** A redirection, with or without a number before it: its operator. */
  #redirection(): string | undefined {
    const scanner = this.#scanner
    const start = scanner.at
    while (/[0-9]/.test(scanner.ahead)) scanner.at++
    const operator =
      scanner.startsWith('<(') || scanner.startsWith('>(')
        ? undefined
        : redirections.find((one) => scanner.startsWith(one))
    if (operator === undefined) {
      scanner.at = start
      return undefined
    }
    // A pattern of numbers to some shells: `<1-5>`.
    numbersPattern.lastIndex = scanner.at
    if (numbersPattern.test(scanner.text)) this.#findings.doubt('a redirection is not told from a pattern')
    if (scanner.at > start + 1) this.#findings.doubt('a number of a redirection is read differently by shells')
    scanner.at += operator.length
    if (operator.includes('>') && scanner.ahead === '!') this.#findings.doubt('`>!` is read differently by shells')
    this.#blanks()
    const target = this.#word()
    if (target === undefined) throw new Unreadable('a redirection leads nowhere')
    if (operator === '<<' || operator === '<<-') {
      this.#hasBody = true
      if (target.value === null) throw new Unreadable('the end of a here-document is read differently by shells')
      this.#hereDocuments.push({ end: target.value, strip: operator === '<<-', expands: !target.quoted })
      return operator
    }
    // What is no number after `>&` is a file to bash, whose name it expands a second time, quoted or not.
    if (operator === '>&' && !/^[A-Za-z0-9_./-]+$/.test(target.value ?? ''))
      this.#findings.doubt('where `>&` leads is expanded twice by some shells')
    this.#findings.redirect({
      operator,
      target: operator === '<<<' ? null : target.value,
      writes: operator.includes('>') && !(operator === '>&' && /^([0-9]+|-)$/.test(target.value ?? '')),
    })
    return operator
  }

  #assigned(name: string, word: Word): void {
    const { findings } = this.#context
    const doubt = doubtOfAssignment(name, assignment(word)?.value ?? null)
    if (doubt !== undefined) findings.doubt(doubt)
    if (word.raw.includes('[') && word.raw.indexOf('[') < word.raw.indexOf('='))
      findings.doubt('a subscript can run commands')
    // An array: its words are read, its value is not known.
    if (word.raw.endsWith('=') && this.#scanner.ahead === '(') {
      this.#scanner.at++
      const inner = balanced(this.#scanner)
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
    const doubt = doubtOfAssignment(name.value, null)
    if (doubt !== undefined) this.#findings.doubt(doubt)
    this.#gap()
    const start = this.#scanner.at
    const word = this.#word()
    if (word === undefined) return
    if (word.raw === 'in') this.#words()
    // `for x do`, over the arguments of the script.
    else if (word.raw === 'do' || word.raw === '{') this.#scanner.at = start
    else throw new Unreadable('a loop is not written as shells read it')
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
    this.#hasCase = true
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
      const start = scanner.at
      this.#gap()
      // To a shell without `[[` what follows the end of a line is a command, too.
      if (scanner.text.slice(start, scanner.at).includes('\n')) isRisky = true
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

/** True for a line that ends in a backslash that is not escaped itself. */
function isContinued(line: string): boolean {
  let at = line.length
  while (at > 0 && line[at - 1] === '\\') at--
  return (line.length - at) % 2 === 1
}

function isEnd(scanner: Scanner): boolean {
  return operators.some((one) => scanner.startsWith(one))
}
