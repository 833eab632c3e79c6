// The text of a plan without what two plans of the same meaning may differ in: the names of locals.

/** The text of each plan and function, by its name. */
export type Sections = ReadonlyMap<string, string>

/** The text of each plan and function, its locals numbered as they appear. */
export function sectionsOf(text: string): Sections {
  const sections = new Map<string, string>()
  let name = ''
  let lines: string[] = []
  const close = (): void => {
    if (lines.length > 0) sections.set(name, renumbered(lines.join('\n')))
  }
  for (const line of text.split('\n')) {
    if (!line.startsWith(' ') && line !== '') {
      close()
      name = line.split('(')[0] ?? ''
      lines = []
    }
    lines.push(line)
  }
  close()
  return sections
}

function renumbered(text: string): string {
  const names = new Map<string, string>()
  return text.replaceAll(/\$\d+/g, (local) => {
    const name = names.get(local) ?? `$${names.size}`
    names.set(local, name)
    return name
  })
}
