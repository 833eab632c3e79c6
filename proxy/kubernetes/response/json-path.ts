// The paths that masks and filters name: `$.data.*`, `$.spec.containers[*].env[*].value`, `$.data["tls.key"]`,
// `$..password`. A path that is not written so is an error: guessing would show what the policy meant to hide.

/** One step of a path. */
export type PathStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'descend' }

const stepsMax = 64

/** Parses a path; undefined when it is none. */
export function parseJsonPath(text: string): readonly PathStep[] | undefined {
  if (!text.startsWith('$')) return undefined
  const steps: PathStep[] = []
  let at = 1
  while (at < text.length) {
    if (steps.length >= stepsMax) return undefined
    if (text.startsWith('..', at)) {
      steps.push({ kind: 'descend' })
      at += 2
      if (text[at] === '[') continue
    } else if (text[at] === '.') at++
    else if (text[at] === '[') {
      const read = bracket(text, at)
      if (read === undefined) return undefined
      steps.push(read.step)
      at = read.end
      continue
    } else return undefined
    const end = nameEnd(text, at)
    const name = text.slice(at, end)
    if (name === '') return undefined
    steps.push(name === '*' ? { kind: 'any' } : { kind: 'key', key: name })
    at = end
  }
  return steps.length === 0 || steps.at(-1)?.kind === 'descend' ? undefined : steps
}

function nameEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && text[end] !== '.' && text[end] !== '[') end++
  return end
}

function bracket(text: string, from: number): { readonly step: PathStep; readonly end: number } | undefined {
  if (text.startsWith('[*]', from)) return { step: { kind: 'any' }, end: from + 3 }
  const quote = text[from + 1]
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(`${quote}]`, from + 2)
    return end < 0 ? undefined : { step: { kind: 'key', key: text.slice(from + 2, end) }, end: end + 2 }
  }
  const end = text.indexOf(']', from)
  const index = text.slice(from + 1, end)
  return end < 0 || index === '' || ![...index].every((mark) => mark >= '0' && mark <= '9')
    ? undefined
    : { step: { kind: 'key', key: index }, end: end + 1 }
}
