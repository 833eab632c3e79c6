// The composition root: finds the command a person asked for and runs it. Commands load on demand, so that
// `--version` does not pay for the parsers.
import { getSystemErrorMap } from 'node:util'
import { type Command, commands } from './commands.ts'
import { productVersion } from './version.ts'

/** What a shell says of a program that SIGPIPE ended. */
const brokenPipe = 141

/** Runs one command line and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) is told nothing; what was not finished has not succeeded either.
    if (error.code === 'EPIPE') process.exit(brokenPipe)
    process.stderr.write(`sallyport: standard output: ${systemError(error) ?? error.message}\n`)
    process.exit(1)
  })
  const [name, ...rest] = args
  const asked = rest[0]
  if (name === 'help' && asked !== undefined) return main([asked, '--help'])
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(usage())
    process.exitCode = name === undefined ? 1 : 0
    return
  }
  if (name === '--version' || name === '-V' || name === 'version') {
    process.stdout.write(`sallyport ${productVersion()}\n`)
    return
  }
  const command = commands.find((candidate) => candidate.name === name)
  if (command === undefined) {
    process.stderr.write(`sallyport: there is no command \`${name}\`\nhelp: \`sallyport help\` lists the commands\n`)
    process.exitCode = 1
    return
  }
  try {
    process.exitCode = await (await command.load())(rest)
  } catch (error) {
    const told = systemError(error)
    if (told === undefined) throw error
    process.stderr.write(`sallyport ${name}: ${told}\n`)
    process.exitCode = 1
  }
}

/** What the system refused, of which file, in its own words; undefined where it was something else. */
function systemError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('errno' in error)) return undefined
  const [, words] = getSystemErrorMap().get(Number(error.errno)) ?? []
  if (words === undefined) return undefined
  return 'path' in error ? `${String(error.path)}: ${words}` : `${String(error.syscall)}: ${words}`
}

function usage(): string {
  const width = Math.max(0, ...commands.map((command: Command) => command.name.length))
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`)
  return `usage: sallyport COMMAND [options]\n\n${lines.join('\n')}\n\n\`sallyport help COMMAND\` says what a command needs. To see it all at once: \`sallyport demo\`.\n`
}
