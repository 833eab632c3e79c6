// What evaluation tells about itself: opa.runtime, time.now_ns, trace; and the built-ins that reach the world, which are
// off unless the embedding answers them.
import { numberFromBigInt, RegoSet, writeRego } from '../value/index.ts'
import { type Builtin, BuiltinError, operandError } from './contract.ts'
import { objectOperand, stringOperand } from './operands.ts'

/** The built-ins of the environment by name. */
export const runtime: Readonly<Record<string, Builtin>> = {
  'opa.runtime': (context) => context.runtime,
  'time.now_ns': (context) => numberFromBigInt(context.nowNs),
  trace: (context, args) => {
    context.note(stringOperand(args, 1))
    return true
  },
  'http.send': (context, args) => {
    const request = objectOperand(args, 1)
    const missing = REQUIRED.filter((name) => !request.has(name))
    if (missing.length > 0) {
      throw operandError(1, `missing required request parameters(s): ${writeRego(new RegoSet(missing))}`)
    }
    return httpSend(context, args)
  },
  'net.lookup_ip_addr': external('net.lookup_ip_addr'),
}

/** What every request must say. */
const REQUIRED = ['method', 'url']

const httpSend = external('http.send')

function external(name: string): Builtin {
  return (context, args) => {
    if (context.external === undefined) throw new BuiltinError('eval_builtin_error', 'is turned off here')
    return context.external(name, args)
  }
}
