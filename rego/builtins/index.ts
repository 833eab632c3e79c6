// Every built-in, in one table for the interpreter and the wasm host. A new family is a file and a line here.
import { aggregates } from './aggregates.ts'
import { arithmetic } from './arithmetic.ts'
import { aws } from './aws.ts'
import { calendar } from './calendar.ts'
import { cidr } from './cidr.ts'
import { collections } from './collections.ts'
import { comparison } from './comparison.ts'
import type { Builtin, BuiltinTable } from './contract.ts'
import { digests } from './digests.ts'
import { encoding } from './encoding.ts'
import { glob } from './glob.ts'
import { globsMatch } from './globs-match.ts'
import { graphql } from './graphql/graphql.ts'
import { graphs } from './graphs.ts'
import { internal } from './internal.ts'
import { jsonPatch } from './json-patch.ts'
import { jsonPaths } from './json-paths.ts'
import { jsonSchema } from './json-schema/json-schema.ts'
import { jwt } from './jwt.ts'
import { numbers } from './numbers.ts'
import { objects } from './objects.ts'
import { rego } from './parse-module.ts'
import { regex } from './regex.ts'
import { runtime } from './runtime.ts'
import { semver } from './semver.ts'
import { formatting } from './sprintf.ts'
import { strings } from './strings.ts'
import { subset } from './subset.ts'
import { template } from './template/template.ts'
import { types } from './types.ts'
import { units } from './units.ts'
import { uri } from './uri.ts'
import { uuid } from './uuid.ts'
import { x509 } from './x509/x509.ts'
import { yaml } from './yaml.ts'

export type * from './contract.ts'
export {
  BuiltinError,
  EvaluationHalted,
  elementsOf,
  operandElementError,
  operandError,
  operandTypeError,
} from './contract.ts'

/** All built-ins by name. */
export const builtins: BuiltinTable = new Map<string, Builtin>(
  [
    aggregates,
    arithmetic,
    aws,
    calendar,
    cidr,
    collections,
    comparison,
    digests,
    encoding,
    formatting,
    glob,
    globsMatch,
    graphql,
    graphs,
    internal,
    jsonPatch,
    jsonPaths,
    jsonSchema,
    jwt,
    numbers,
    objects,
    regex,
    rego,
    runtime,
    semver,
    strings,
    subset,
    template,
    types,
    units,
    uri,
    uuid,
    x509,
    yaml,
  ].flatMap((family) => Object.entries(family)),
)
export { globMatcher } from './glob.ts'
export { validate } from './json-schema/validate.ts'
