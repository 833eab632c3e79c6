// IR as text for people: one statement a line, blocks indented.
import type { Block, Func, Operand, Policy, Stmt } from './policy.ts'
import { nestedBlocks } from './walk.ts'

/** Prints a policy's plans and functions. */
export function printPolicy(policy: Policy): string {
  const lines: string[] = []
  for (const plan of policy.plans) {
    lines.push(`plan ${plan.name}`)
    printBlocks(policy, plan.blocks, '  ', lines)
  }
  for (const func of policy.funcs) {
    lines.push(
      `func ${func.name}(${func.params.map((param) => `$${param}`).join(', ')}) -> $${func.return}${pathText(func)}`,
    )
    printBlocks(policy, func.blocks, '  ', lines)
  }
  return `${lines.join('\n')}\n`
}

/** Prints one statement, without the blocks inside it. */
export function printStmt(policy: Policy, stmt: Stmt): string {
  const o = (operand: Operand): string => {
    if (operand.kind === 'local') return `$${operand.value}`
    return operand.kind === 'bool' ? String(operand.value) : JSON.stringify(policy.strings[operand.value] ?? null)
  }
  switch (stmt.kind) {
    case 'ArrayAppendStmt':
      return `append $${stmt.array} ${o(stmt.value)}`
    case 'AssignIntStmt':
      return `$${stmt.target} = int ${stmt.value}`
    case 'AssignVarStmt':
      return `$${stmt.target} = ${o(stmt.source)}`
    case 'AssignVarOnceStmt':
      return `$${stmt.target} = once ${o(stmt.source)}`
    case 'BlockStmt':
      return 'block'
    case 'BreakStmt':
      return `break ${stmt.index}`
    case 'CallStmt':
      return `$${stmt.result} = call ${stmt.func}(${stmt.args.map(o).join(', ')})`
    case 'CallDynamicStmt':
      return `$${stmt.result} = call [${stmt.path.map(o).join(' ')}](${stmt.args.map((arg) => `$${arg}`).join(', ')})`
    case 'DotStmt':
      return `$${stmt.target} = ${o(stmt.source)}[${o(stmt.key)}]`
    case 'EqualStmt':
      return `${o(stmt.a)} == ${o(stmt.b)}`
    case 'IsArrayStmt':
      return `is array ${o(stmt.source)}`
    case 'IsDefinedStmt':
      return `is defined $${stmt.source}`
    case 'IsObjectStmt':
      return `is object ${o(stmt.source)}`
    case 'IsSetStmt':
      return `is set ${o(stmt.source)}`
    case 'IsUndefinedStmt':
      return `is undefined $${stmt.source}`
    case 'LenStmt':
      return `$${stmt.target} = length ${o(stmt.source)}`
    case 'MakeArrayStmt':
      return `$${stmt.target} = []`
    case 'MakeNullStmt':
      return `$${stmt.target} = null`
    case 'MakeNumberIntStmt':
      return `$${stmt.target} = number ${stmt.value}`
    case 'MakeNumberRefStmt':
      return `$${stmt.target} = number ${policy.strings[stmt.index] ?? '?'}`
    case 'MakeObjectStmt':
      return `$${stmt.target} = {}`
    case 'MakeSetStmt':
      return `$${stmt.target} = set()`
    case 'NopStmt':
      return 'nop'
    case 'NotEqualStmt':
      return `${o(stmt.a)} != ${o(stmt.b)}`
    case 'NotStmt':
      return 'not'
    case 'ObjectInsertStmt':
      return `insert $${stmt.object}[${o(stmt.key)}] = ${o(stmt.value)}`
    case 'ObjectInsertOnceStmt':
      return `insert once $${stmt.object}[${o(stmt.key)}] = ${o(stmt.value)}`
    case 'ObjectMergeStmt':
      return `$${stmt.target} = merge $${stmt.a} $${stmt.b}`
    case 'ResetLocalStmt':
      return `reset $${stmt.target}`
    case 'ResultSetAddStmt':
      return `result $${stmt.value}`
    case 'ReturnLocalStmt':
      return `return $${stmt.source}`
    case 'ScanStmt':
      return `scan $${stmt.source} as $${stmt.key}, $${stmt.value}`
    case 'SetAddStmt':
      return `add $${stmt.set} ${o(stmt.value)}`
    case 'WithStmt':
      return `with $${stmt.local}${stmt.path.map((index) => `[${JSON.stringify(policy.strings[index] ?? null)}]`).join('')} as ${o(stmt.value)}`
  }
}

function pathText(func: Func): string {
  return func.path === undefined ? '' : ` at ${func.path.join('/')}`
}

function printBlocks(policy: Policy, blocks: readonly Block[], indent: string, lines: string[]): void {
  for (const block of blocks) {
    lines.push(`${indent}{`)
    for (const stmt of block.stmts) {
      lines.push(`${indent}  ${printStmt(policy, stmt)}`)
      printBlocks(policy, nestedBlocks(stmt), `${indent}    `, lines)
    }
    lines.push(`${indent}}`)
  }
}
