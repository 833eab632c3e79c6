// Which configuration a command means that can do without one.
import { existsSync } from 'node:fs'

/** The file of SALLYPORT_CONFIG, else sallyport.yaml where this folder has it; undefined where there is neither. */
export function configNearby(environment: NodeJS.ProcessEnv): string | undefined {
  return environment['SALLYPORT_CONFIG'] ?? (existsSync('sallyport.yaml') ? 'sallyport.yaml' : undefined)
}
