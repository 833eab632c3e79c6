// Cases that fail for a reason worth more words than the mismatch itself. They count as failures all the same.

const storageKeys =
  'a number in a reference into base data finds the string key of that number in OPA, whose storage knows paths only; ' +
  'a plan has only a lookup by value, which does not convert'

const storagePaths =
  'the storage of OPA is asked by paths of texts, so that its topdown evaluation finds the key `"1"` by the number `1` in ' +
  'base data, and in nothing else; the plan that OPA makes of the same case looks up by value, finds nothing, and is what ' +
  'WebAssembly runs: both engines here answer as the plan does'

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
  ['dataderef/test-data-derefs.json#0 data/toplevel integer', storageKeys],
  ['dataderef/test-data-derefs.json#1 data/nested integer', storageKeys],
  ['dataderef/test-data-derefs.yaml#0 data/toplevel integer', storagePaths],
  ['dataderef/test-data-derefs.yaml#1 data/nested integer', storagePaths],
  [
    'reachable/test-reachable-paths-1022.json#2 reachable_paths/cycle_1022_3',
    "the plan wants what OPA answered before the fix of its issue 5871; rego-v1 has the same case with today's answer",
  ],
])
