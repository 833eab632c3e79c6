// Cases that fail for a reason worth more words than the mismatch itself. They count as failures all the same.

/** The reason by case id. */
export const known: ReadonlyMap<string, string> = new Map([
  [
    'reachable/test-reachable-paths.json#5 reachable_paths/cycle_1022_3',
    "the plan wants what OPA answered before the fix of its issue 5871; rego-v1 has the same case with today's answer",
  ],
])
