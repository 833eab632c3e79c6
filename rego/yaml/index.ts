// The contract of rego/yaml.
export { readYaml, YamlError } from './read.ts'
