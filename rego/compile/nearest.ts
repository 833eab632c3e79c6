// The name that somebody may have meant by a wrong one.

/** Edits with which a name is another one. */
const tooFar = 3

/** The known name within two edits of a wrong one. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = tooFar
  for (const name of known) {
    if (Math.abs(name.length - wrong.length) >= least) continue
    const distance = edits(wrong, name, least)
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

/** How many edits make one of the other; `enough` where they are so many or more. */
function edits(a: string, b: string, enough: number): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    // What lies further from the diagonal takes too many edits already.
    const from = Math.max(1, i - enough)
    const to = Math.min(b.length, i + enough)
    let least = i
    for (let j = 1; j < from; j++) next.push(enough)
    for (let j = from; j <= to; j++) {
      const edited = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
      next.push(edited)
      least = Math.min(least, edited)
    }
    for (let j = to; j < b.length; j++) next.push(enough)
    if (least >= enough) return enough
    row = next
  }
  return row[b.length] ?? 0
}
