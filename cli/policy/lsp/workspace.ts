// All policies that the editor works on: files of its folders, and open documents in place of theirs. One check of the
// whole gives the diagnostics of every file.
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CompileCache, type SourceModule } from '../../../rego/compile/index.ts'
import { type Diagnostic, type Module, parseModule } from '../../../rego/syntax/index.ts'
import { checkModules } from '../check-modules.ts'

/** Files of a workspace at the most: an editor opened on a home folder must not read all of it. */
const filesMax = 5_000
const passedOver: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist', 'target'])

/** The policies of an editor. Files are named by their URI. */
export class Workspace {
  /** Most edits change one file. */
  readonly #cache = new CompileCache()
  readonly #texts = new Map<string, string>()
  readonly #open = new Set<string>()
  readonly #parsed = new Map<string, Module>()

  /** Reads the Rego files below a folder. */
  async addFolder(uri: string): Promise<void> {
    const root = fileURLToPath(uri)
    const visit = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        if (this.#texts.size >= filesMax) return
        const path = join(folder, entry.name)
        if (entry.isDirectory() && !passedOver.has(entry.name)) await visit(path)
        else if (entry.isFile() && entry.name.endsWith('.rego')) this.changedOnDisk(pathToFileURL(path).href)
      }
    }
    await visit(root)
  }

  /** A document was opened or changed in the editor. */
  change(uri: string, text: string): void {
    this.#open.add(uri)
    this.#put(uri, text)
  }

  /** A document was closed: what is on disk counts again. */
  close(uri: string): void {
    this.#open.delete(uri)
    this.#readFile(uri)
  }

  /** A file changed on disk, or went away. */
  changedOnDisk(uri: string): void {
    if (!this.#open.has(uri)) this.#readFile(uri)
  }

  text(uri: string): string | undefined {
    return this.#texts.get(uri)
  }

  /** The module as it last parsed: what is being typed mostly does not. */
  module(uri: string): Module | undefined {
    return this.#parsed.get(uri)
  }

  /** Every module as it last parsed. */
  modules(): readonly Module[] {
    return [...this.#parsed.values()]
  }

  /** The mistakes of every file, those without included. */
  check(): ReadonlyMap<string, readonly Diagnostic[]> {
    const sources = [...this.#texts].map(([file, text]): SourceModule => ({ file, text, regoVersion: 1 }))
    const found = new Map<string, Diagnostic[]>(sources.map(({ file }) => [file, []]))
    for (const one of checkModules(sources, true, { cache: this.#cache })) found.get(one.location.file)?.push(one)
    return found
  }

  #readFile(uri: string): void {
    try {
      this.#put(uri, readFileSync(fileURLToPath(uri), 'utf8'))
    } catch {
      this.#texts.delete(uri)
      this.#parsed.delete(uri)
    }
  }

  #put(uri: string, text: string): void {
    this.#texts.set(uri, text)
    const { module } = parseModule(text, { file: uri })
    if (module !== undefined) this.#parsed.set(uri, module)
  }
}
