// The contract of rego/yaml.
export { nestsTooDeep, YAML_NESTING_MAX } from './nesting.ts'
export { readYaml, YamlError } from './read.ts'
