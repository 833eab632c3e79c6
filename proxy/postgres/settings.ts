// Settings under which the same text means something else. They are refused by every road that sets them.

/** The name of a setting in the list that would change what later texts mean, if there is one. */
export function unsafeSetting(
  settings: readonly { readonly name: string; readonly value: string | null }[],
): string | undefined {
  for (const { name, value } of settings) if (isUnsafe(name.toLowerCase(), value)) return name.toLowerCase()
  return undefined
}

/** What a client may set at start-up: formats, time limits, its name. All others are refused by name. */
export const startupAllowed: ReadonlySet<string> = new Set([
  'application_name',
  'bytea_output',
  'client_encoding',
  'client_min_messages',
  'datestyle',
  'default_transaction_deferrable',
  'default_transaction_isolation',
  'extra_float_digits',
  'geqo',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'intervalstyle',
  'jit',
  'lock_timeout',
  'standard_conforming_strings',
  'statement_timeout',
  'tcp_user_timeout',
  'timezone',
])

/** The settings of a start-up message, those within `options` among them, or why they are refused. */
export type StartupSettings =
  | { readonly ok: true; readonly settings: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly message: string }

/** Reads the settings of a start-up message. Names of the protocol's own extensions are no settings. */
export function startupSettings(parameters: ReadonlyMap<string, string>): StartupSettings {
  const settings = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (name.startsWith('_pq_.') || name === 'user' || name === 'database') continue
    if (name !== 'options') settings.set(name, value)
  }
  // The server takes `options` first, so that a parameter of its own wins.
  const switches = readOptions(parameters.get('options') ?? '')
  if (switches === undefined)
    return { ok: false, message: 'of the start-up parameter "options" only -c NAME=VALUE and --NAME=VALUE are taken' }
  for (const [name, value] of switches) if (!settings.has(name)) settings.set(name, value)
  for (const [name, value] of settings) {
    if (!startupAllowed.has(name.toLowerCase()))
      return { ok: false, message: `the start-up parameter ${JSON.stringify(name.slice(0, 40))} is refused` }
    if (unsafeSetting([{ name, value }]) !== undefined)
      return { ok: false, message: `the start-up parameter ${name} would change what statements mean` }
  }
  return { ok: true, settings }
}

/** The settings of command line switches as the server splits them; undefined where there is another switch. */
function readOptions(text: string): ReadonlyMap<string, string> | undefined {
  const words = splitOptions(text)
  const settings = new Map<string, string>()
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    let assignment: string | undefined
    if (word === '-c') assignment = words[++at]
    else if (word.startsWith('--') || word.startsWith('-c')) assignment = word.slice(2)
    const equals = assignment?.indexOf('=') ?? -1
    if (assignment === undefined || equals < 1) return undefined
    settings.set(assignment.slice(0, equals).replaceAll('-', '_').toLowerCase(), assignment.slice(equals + 1))
  }
  return settings
}

/** Words between white space; a backslash takes the next character as it is. */
function splitOptions(text: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (' \t\n\r\f\v'.includes(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === '\\' && at + 1 < text.length) word = (word ?? '') + (text[++at] ?? '')
    else word = (word ?? '') + character
  }
  if (word !== undefined) words.push(word)
  return words
}

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
    case 'search_path':
      // The real name of a temporary schema: whether it is the session's own is not known.
      return value?.includes('pg_temp_') === true
    case 'backslash_quote':
      return value !== null && ['on', 'true', 'yes', '1'].includes(value.toLowerCase())
    default:
      return false
  }
}
