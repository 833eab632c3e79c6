// The custom section in which a module tells our own host about itself.
import type { Policy } from '../ir/index.ts'
import type { EmitProgram } from './program.ts'

/** The name of the custom section. */
export const MODULE_SECTION = 'sallyport'

/** The version of the section's format. */
export const MODULE_VERSION = 4

/** What a module says about itself. */
export interface ModuleDescription {
  readonly version: number
  /** The pages of memory it needs at first. */
  readonly pages: number
  /** The plans by their number. */
  readonly entrypoints: readonly string[]
  /** The built-ins by their number. */
  readonly builtins: readonly string[]
  readonly files: readonly string[]
  /** Where built-ins are called: file, row, column, three numbers each. */
  readonly sites: readonly number[]
  /** What each plan can read of its input: the addresses of shapes (shapes.ts). */
  readonly shapes: readonly number[]
  /** Where the constants lie once the module has started, and from where to where packed: for hosts that write the same. */
  readonly constants: readonly number[]
  /**
   * For plans that read what changes in functions of their own: the plan, the plan that says what those come to, and what
   * the rest reads of the input, three numbers each. Absent where there are none.
   */
  readonly changing?: readonly number[]
}

/** The body of the custom section. */
export function describeModule(
  policy: Policy,
  program: EmitProgram,
  constants: readonly number[],
  shapes: readonly number[],
  pages: number,
  changing: readonly number[],
): Uint8Array {
  const description: ModuleDescription = {
    version: MODULE_VERSION,
    pages,
    entrypoints: policy.plans.map(({ name }) => name),
    builtins: policy.builtins.map(({ name }) => name),
    files: policy.files,
    sites: program.sites.flatMap(({ file, row, col }) => [file, row, col]),
    shapes,
    constants,
    ...(changing.length === 0 ? {} : { changing }),
  }
  return new TextEncoder().encode(JSON.stringify(description))
}
