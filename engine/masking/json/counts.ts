// How many values were masked, by the rule that asked for it.

/** Adds to what a name has. */
export function addCount(counts: Map<string, number>, name: string, count: number): void {
  if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count)
}

/** Adds what each path replaced, by its name; several paths may have the same. */
export function addByPath(counts: Map<string, number>, names: readonly string[], byPath: readonly number[]): void {
  // A path that replaced nothing yet has no number.
  for (const [path, count = 0] of byPath.entries()) addCount(counts, names[path] ?? '', count)
}
