// What the doctor says of one thing.

/** How one thing stands, and what to do where it does not stand well. */
export interface Finding {
  readonly about: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do; empty where nothing is to be done. */
  readonly help: string
}

/** All is well. */
export function ok(about: string, detail: string): Finding {
  return { about, state: 'ok', detail, help: '' }
}

/** It works, and somebody should look at it. */
export function warn(about: string, detail: string, help: string): Finding {
  return { about, state: 'warn', detail, help }
}

/** The gateway would not work, or not be safe. */
export function fail(about: string, detail: string, help: string): Finding {
  return { about, state: 'fail', detail, help }
}

/** Runs a check; what it throws is its finding. Messages of ours name no secret. */
export async function finding(
  about: string,
  help: string,
  check: () => Promise<Finding | Finding[]>,
): Promise<Finding[]> {
  try {
    const found = await check()
    return Array.isArray(found) ? found : [found]
  } catch (error) {
    return [fail(about, error instanceof Error ? error.message : 'it cannot be checked', help)]
  }
}
