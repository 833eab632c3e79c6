// rego.parse_module: a module's text as the JSON of its syntax tree.
import { moduleJson, opaText, parseModule } from '../syntax/index.ts'
import { type Builtin, BuiltinError } from './contract.ts'
import { stringOperand } from './operands.ts'

/** The built-ins on Rego's own texts by name. */
export const rego: Readonly<Record<string, Builtin>> = {
  'rego.parse_module': (context, args) => {
    const file = stringOperand(args, 1)
    const text = stringOperand(args, 2)
    context.spend(text.length / charactersPerUnit)
    const { module, diagnostics } = parseModule(text, { file, metadata: false })
    if (module !== undefined) return moduleJson(module)
    const many = diagnostics.length === 1 ? '1 error' : `${diagnostics.length} errors`
    throw new BuiltinError('eval_builtin_error', `${many} occurred: ${diagnostics.map(opaText).join('\n')}`)
  },
}

/** How much text is parsed in about a microsecond. */
const charactersPerUnit = 8
