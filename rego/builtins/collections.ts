// Arrays and sets: array.concat array.flatten array.reverse array.slice and or set_diff union intersection.
import { isArray, isSet, RegoSet, type Value } from '../value/index.ts'
import { type Builtin, operandTypeError } from './contract.ts'
import { arrayOperand, integerOperand, setOperand } from './operands.ts'

/** The built-ins on arrays and sets by name. */
export const collections: Readonly<Record<string, Builtin>> = {
  'array.concat': (context, args) => {
    const [a, b] = [arrayOperand(args, 1), arrayOperand(args, 2)]
    context.spend(a.length + b.length)
    return [...a, ...b]
  },
  'array.flatten': (_, args) =>
    arrayOperand(args, 1).flatMap((element): readonly Value[] => (isArray(element) ? element : [element])),
  'array.reverse': (_, args) => [...arrayOperand(args, 1)].reverse(),
  'array.slice': (_, args) => {
    const array = arrayOperand(args, 1)
    const start = integerOperand(args, 2)
    const stop = Math.min(Math.max(integerOperand(args, 3), 0), array.length)
    return array.slice(Math.min(Math.max(start, 0), stop), stop)
  },
  and: (_, args) => setOperand(args, 1).intersection(setOperand(args, 2)),
  set_diff: (_, args) => setOperand(args, 1).difference(setOperand(args, 2)),
  or: (context, args) => {
    const [a, b] = [setOperand(args, 1), setOperand(args, 2)]
    context.spend(a.size + b.size)
    return a.union(b)
  },
  union: (context, args) => {
    const united = new RegoSet()
    for (const set of setsOperand(args)) {
      context.spend(set.size)
      for (const element of set.unordered()) united.add(element)
    }
    return united
  },
  intersection: (_, args) => {
    const [first, ...rest] = setsOperand(args)
    return first === undefined ? new RegoSet() : rest.reduce((common, set) => common.intersection(set), first)
  },
}

function setsOperand(args: readonly Value[]): RegoSet[] {
  return setOperand(args, 1)
    .items()
    .map((element) => {
      if (!isSet(element)) throw operandTypeError(1, element, 'set')
      return element
    })
}
