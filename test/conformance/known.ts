// Cases that fail for a reason worth more words than the mismatch itself. They count as failures all the same.

/** The reason by case id. */
export const known: ReadonlyMap<string, string> = new Map([
  [
    'TestCompilerCheckUnusedAssignedVar#581 rule with nested set comprehension and unused inner var',
    'OPA stops at the mistake inside; here the unused variable around it is told too',
  ],
  [
    'v1/test_issue_nested_comment.rego',
    'OPA leaves a rule as it stands when a comment is inside an object that shares the line of its array; here the rule is indented',
  ],
  [
    'reachable/test-reachable-paths-1022.json#2 reachable_paths/cycle_1022_3',
    "the plan wants what OPA answered before the fix of its issue 5871; rego-v1 has the same case with today's answer",
  ],
])
