// What a compile can keep for the next one, so that an edited file does not cost as much as all of them: modules as they
// were parsed, and as the stages that look at one module at a time left them.
import { type LanguageCapabilities, type Module, type ParsedModule, parseModule, refString } from '../syntax/index.ts'
import { GeneratedNames } from './context.ts'
import { asksForMetadata } from './metadata-calls.ts'
import type { CompileOptions, SourceModule } from './modules.ts'

/** Generated names after which a cache begins anew: every edit makes some. */
const namesMax = 500_000

interface Parsed {
  readonly text: string
  readonly regoVersion: 0 | 1
  readonly result: ParsedModule
}

interface Settled {
  /** What the module was rewritten against. */
  readonly surroundings: string
  readonly module: Module
}

/** Kept between compiles with the same options by whoever compiles again. */
export class CompileCache {
  /** The names that all compiles with this cache make, so that none is made twice. */
  names: GeneratedNames = new GeneratedNames()
  #parsed = new Map<string, Parsed>()
  #settled = new WeakMap<Module, Settled>()
  #outlines = new WeakMap<Module, Outline>()
  #options: readonly unknown[] = []

  /** Forgets what other options made. */
  begin(options: CompileOptions): void {
    const { print, strict, builtins, forbiddenBuiltins, capabilities } = options
    const now = [print, strict, builtins, forbiddenBuiltins, capabilities]
    if (now.every((one, index) => one === this.#options[index]) && this.names.count < namesMax) return
    this.#options = now
    this.#settled = new WeakMap()
    this.#parsed.clear()
    this.names = new GeneratedNames()
  }

  /** The module of a text; parsed only when the text is another than the last of that file. */
  parse(source: SourceModule, capabilities?: LanguageCapabilities): ParsedModule {
    const { file, text, regoVersion = 1 } = source
    const known = this.#parsed.get(file)
    if (known !== undefined && known.text === text && known.regoVersion === regoVersion) return known.result
    const result = parseModule(text, { file, regoVersion, ...(capabilities === undefined ? {} : { capabilities }) })
    this.#parsed.set(file, { text, regoVersion, result })
    return result
  }

  /** Forgets files that are no longer compiled. */
  keepOnly(files: ReadonlySet<string>): void {
    for (const file of this.#parsed.keys()) if (!files.has(file)) this.#parsed.delete(file)
  }

  /** What each module is rewritten against: the names of its package, the functions there are, and what `with` may replace. */
  surroundings(modules: readonly Module[]): ReadonlyMap<Module, string> {
    const outlines = modules.map((module) => this.#outline(module))
    const functions = outlines.map((one) => one.functions).join('')
    const packages = new Map<string, string>()
    for (const { key, names } of outlines) packages.set(key, (packages.get(key) ?? '') + names)
    const all = outlines.map(({ key, names }) => key + names).join('')
    return new Map(
      modules.map((module, index) => {
        const { key = '', replaces = true } = outlines[index] ?? {}
        return [module, `${packages.get(key) ?? ''}\n${functions}\n${replaces ? all : ''}`]
      }),
    )
  }

  /** The module as the stages left it before, when its surroundings are the same. */
  settled(module: Module, surroundings: string): Module | undefined {
    const known = this.#settled.get(module)
    return known?.surroundings === surroundings ? known.module : undefined
  }

  /** Keeps what the stages made of a module. */
  settle(written: Module, surroundings: string, module: Module): void {
    // What metadata a rule has depends on other files, too.
    if (!asksForMetadata(written.source)) this.#settled.set(written, { surroundings, module })
  }

  #outline(module: Module): Outline {
    const known = this.#outlines.get(module)
    if (known !== undefined) return known
    const key = JSON.stringify(module.package.path)
    const heads = module.rules.map(({ head }) => ({ name: refString(head.ref), arity: head.args?.length }))
    const outline: Outline = {
      key,
      names: [...new Set(heads.map(({ name }) => name))].join(' '),
      functions: heads.flatMap(({ name, arity }) => (arity === undefined ? [] : [`${key}${name}/${arity} `])).join(''),
      replaces: module.source.includes('with'),
    }
    this.#outlines.set(module, outline)
    return outline
  }
}

/** What other modules can see of one. */
interface Outline {
  readonly key: string
  readonly names: string
  readonly functions: string
  /** Whether it may replace documents, which looks at all rules there are. */
  readonly replaces: boolean
}
