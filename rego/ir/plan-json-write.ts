// IR to plan.json, with the field names of OPA.
import { valueFromData, writeJson } from '../value/index.ts'
import type { Block, Operand, Place, Policy, Stmt } from './policy.ts'

/** Writes a policy as plan.json. */
export function writePlanJson(policy: Policy, indent?: string): string {
  return writeJson(valueFromData(policyData(policy)), indent === undefined ? {} : { indent })
}

function policyData(policy: Policy): unknown {
  return {
    static: {
      strings: policy.strings.map((value) => ({ value })),
      builtin_funcs: policy.builtins.map(({ name, decl }) => ({ name, decl })),
      files: policy.files.map((value) => ({ value })),
    },
    plans: { plans: policy.plans.map((plan) => ({ name: plan.name, blocks: plan.blocks.map(blockData) })) },
    funcs: {
      funcs: policy.funcs.map((func) => ({
        name: func.name,
        params: func.params,
        return: func.return,
        blocks: func.blocks.map(blockData),
        path: func.path,
      })),
    },
    unplanned_rules: policy.unplannedRules?.map((rule) => ({ path: rule.path, location: placeData(rule.place) })),
  }
}

function blockData(block: Block): unknown {
  return { stmts: block.stmts.map((stmt) => ({ type: stmt.kind, stmt: stmtData(stmt) })) }
}

function stmtData(stmt: Stmt): Record<string, unknown> {
  const { kind, file, row, col, endRow, endCol, ...fields } = stmt
  const data: Record<string, unknown> = placeData(stmt)
  for (const [name, value] of Object.entries(fields)) data[name] = value
  for (const name of ['value', 'source', 'key', 'a', 'b']) {
    if (isOperand(data[name])) data[name] = operandData(data[name])
  }
  switch (stmt.kind) {
    case 'BlockStmt':
      data.blocks = stmt.blocks.map(blockData)
      break
    case 'NotStmt':
    case 'ScanStmt':
    case 'WithStmt':
      data.block = blockData(stmt.block)
      break
    case 'CallStmt':
      data.args = stmt.args.map(operandData)
      break
    case 'CallDynamicStmt':
      data.path = stmt.path.map(operandData)
      break
    case 'MakeNumberRefStmt':
      // OPA 1.16 and older read only the second spelling.
      data.Index = stmt.index
      break
    default:
  }
  return data
}

function isOperand(value: unknown): value is Operand {
  return typeof value === 'object' && value !== null && 'kind' in value && 'value' in value
}

function operandData(operand: Operand): unknown {
  return { type: operand.kind, value: operand.value }
}

function placeData(place: Place): Record<string, unknown> {
  const { file, row, col, endRow, endCol } = place
  return { file, row, col, ...(endRow === undefined ? {} : { end_row: endRow, end_col: endCol }) }
}
