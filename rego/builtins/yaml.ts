// yaml.marshal yaml.unmarshal yaml.is_valid: YAML by way of JSON, as OPA has it.
import type { Value } from '../value/index.ts'
import { readYaml, YamlError } from '../yaml/index.ts'
import { type Builtin, BuiltinError } from './contract.ts'
import { anyOperand, stringOperand } from './operands.ts'
import { writeYaml } from './yaml-write.ts'

/** How long a document may be. */
const TEXT_MAX = 10_000_000

/** The built-ins on YAML by name. */
export const yaml: Readonly<Record<string, Builtin>> = {
  'yaml.marshal': (context, args) => {
    const text = writeYaml(anyOperand(args, 1))
    context.spend(text.length >> 5)
    return text
  },
  'yaml.unmarshal': (context, args) => {
    const text = stringOperand(args, 1)
    context.spend(text.length >> 4)
    return read(text)
  },
  'yaml.is_valid': (context, [text = null]) => {
    if (typeof text !== 'string') return false
    context.spend(text.length >> 4)
    try {
      read(text)
      return true
    } catch (error) {
      if (error instanceof BuiltinError) return false
      throw error
    }
  },
}

function read(text: string): Value {
  if (text.length > TEXT_MAX) throw new BuiltinError('eval_builtin_error', 'document too long')
  try {
    return readYaml(text)
  } catch (error) {
    if (error instanceof YamlError) throw new BuiltinError('eval_builtin_error', error.message)
    throw error
  }
}
