// Settings under which the same text means something else. They are refused by every road that sets them.

/** The name of a setting in the list that would change what later texts mean, if there is one. */
export function unsafeSetting(
  settings: readonly { readonly name: string; readonly value: string | null }[],
): string | undefined {
  for (const { name, value } of settings) if (isUnsafe(name.toLowerCase(), value)) return name.toLowerCase()
  return undefined
}

/** Start-up parameters that a client may set; all others are refused by name. */
export const startupAllowed: ReadonlySet<string> = new Set([
  'user',
  'database',
  'application_name',
  'client_encoding',
  'datestyle',
  'timezone',
  'intervalstyle',
  'extra_float_digits',
  'standard_conforming_strings',
  'geqo',
  'client_min_messages',
])

function isUnsafe(name: string, value: string | null): boolean {
  switch (name) {
    case 'standard_conforming_strings':
      // Null is the default, which a role or database can have set to anything.
      return value === null || !['on', 'true', 'yes', '1'].includes(value.toLowerCase())
    case 'client_encoding':
    case 'names':
      return (
        value !== null &&
        !['utf8', 'utf-8', 'unicode'].includes(value.toLowerCase().replaceAll("'", '').replaceAll('"', ''))
      )
    case 'backslash_quote':
      return value !== null && ['on', 'true', 'yes', '1'].includes(value.toLowerCase())
    case 'session_authorization':
      return true
    default:
      return false
  }
}
