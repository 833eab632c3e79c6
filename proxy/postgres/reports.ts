// What the gateway itself says to PostgreSQL clients: refusals, holds, and why a text is not judged.
import type { SqlRefusal } from '../../engine/action/sql/index.ts'
import type { HoldNotice, Refusal } from '../gate/contract.ts'
import type { encodeReport } from './wire/index.ts'

/** The fields of a report. */
export type Report = Parameters<typeof encodeReport>[0]

/** A refusal as PostgreSQL says it. */
export function refusalReport(refusal: Refusal): Report {
  return {
    severity: 'ERROR',
    sqlstate: refusal.code === 'cancelled' ? '57014' : '42501',
    message: refusal.message,
    detail: `rule ${refusal.rule}, decision ${refusal.decisionId}`,
    ...(refusal.hint === '' ? {} : { hint: refusal.hint }),
  }
}

/** A hold, told while the client waits. */
export function holdReport(notice: HoldNotice): Report {
  return {
    severity: 'NOTICE',
    sqlstate: '00000',
    message: `waiting for approval: ${notice.reason}`,
    detail: `rule ${notice.rule}, decision ${notice.decisionId}, hold ${notice.holdId}`,
    hint: `a reviewer has to approve this statement until ${new Date(notice.expiresAtMs).toISOString()}`,
  }
}

/** Why a text is not judged; the server's own words for a syntax error. */
export function unjudgedReport(refusal: SqlRefusal): Report {
  const isSyntax = refusal.code === 'syntax_error'
  return {
    severity: 'ERROR',
    sqlstate: isSyntax ? '42601' : '54000',
    message: refusal.message,
    ...(isSyntax ? {} : { detail: `rule sallyport.${refusal.code}` }),
    ...(refusal.position > 0 ? { position: refusal.position } : {}),
  }
}

/** A setting that may not be changed. */
export function settingReport(setting: string): Report {
  return {
    severity: 'ERROR',
    sqlstate: '42501',
    message: `changing ${setting} would change what later statements mean`,
    detail: 'rule sallyport.settings',
    hint: 'keep standard_conforming_strings on and the client encoding UTF8',
  }
}

/** A statement that masks or row filters cannot be enforced on. */
export function unenforceableReport(why: string, decisionId: string): Report {
  return {
    severity: 'ERROR',
    sqlstate: '42501',
    message: `refused by policy: ${why}`,
    detail: `rule sallyport.masking, decision ${decisionId}`,
    hint: 'leave the masked columns out of conditions, and read protected tables with plain queries',
  }
}

/** A prepared statement or portal that is not there. */
export function missingReport(sqlstate: '26000' | '34000', what: string, name: string): Report {
  return { severity: 'ERROR', sqlstate, message: `${what} ${JSON.stringify(name)} does not exist` }
}

/** A prepared statement whose names mean something else now; drivers prepare again on this code, as the server has it. */
export const changedReport: Report = {
  severity: 'ERROR',
  sqlstate: '0A000',
  message: 'cached plan must not change result type',
  detail: 'what the names of the statement mean has changed since it was prepared',
  hint: 'prepare the statement again',
}
