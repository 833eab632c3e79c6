// `sallyport demo`: a whole gateway on this machine, with real servers behind it and what to try.
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { http, sql, ssh } from './clients.ts'
import { type DemoCluster, KubeconfigError, readKubeconfig } from './cluster.ts'
import type { Demo, DemoEars } from './gateway.ts'
import { guide } from './guide.ts'
import { ofRunning, renewMs, writePlaces, writeTokens } from './places.ts'
import { runningDemo } from './running.ts'

const usage = `usage: sallyport demo [--kubeconfig FILE [--context NAME]]
       sallyport demo sql STATEMENT | ssh COMMAND | http METHOD PATH

  demo        starts a PostgreSQL server, an SSH host, an HTTP API and a gateway before them, all on loopback, and prints
              what to try; Ctrl-C ends it
  demo sql    sends one statement to the running demo, over the real wire
  demo ssh    runs one command on its host
  demo http   sends one request to its API

  --kubeconfig FILE   stand before this cluster, too, with the account of its current context; what agents may do there
                      is read-only until the policy says otherwise
  --context NAME      another context of it

State is kept in .sallyport/demo of this folder, or where SALLYPORT_DEMO says; policies, recordings and ports stay from
start to start, the sample data is made anew. Nothing but Node is needed; psql, ssh and curl are used where they are.
Exit 0 done, 1 wrong usage or no demo runs, 2 refused (126 for ssh).
`

/** Runs `sallyport demo`. State is kept in `.sallyport/demo`, or where SALLYPORT_DEMO says. */
export async function run(args: readonly string[]): Promise<number> {
  const folder = resolve(process.env['SALLYPORT_DEMO'] ?? join('.sallyport', 'demo'))
  const [what, first, second, ...more] = args
  if (what === undefined || what === '--kubeconfig' || what === '--context') return serveAsked(folder, args)
  if (what === '--help' || what === '-h') {
    process.stdout.write(usage)
    return 0
  }
  if (more.length === 0 && first !== undefined) {
    if (what === 'sql' && second === undefined) return sql(folder, first)
    if (what === 'ssh' && second === undefined) return ssh(folder, first)
    if (what === 'http' && second !== undefined) return http(folder, first.toUpperCase(), second)
  }
  process.stderr.write(usage)
  return 1
}

/** Starts with what the command line names. */
async function serveAsked(folder: string, args: readonly string[]): Promise<number> {
  try {
    const text = { type: 'string' } as const
    const { values } = parseArgs({ args: [...args], options: { kubeconfig: text, context: text } })
    const { kubeconfig, context } = values
    if (kubeconfig === undefined && context !== undefined) throw new KubeconfigError('give the `--kubeconfig`, too')
    return await serve(folder, kubeconfig === undefined ? undefined : readKubeconfig(resolve(kubeconfig), context))
  } catch (error) {
    const isUsage = error instanceof TypeError && 'code' in error
    if (!isUsage && !(error instanceof KubeconfigError)) throw error
    process.stderr.write(`sallyport demo: ${error.message}\n`)
    return 1
  }
}

async function serve(folder: string, cluster: DemoCluster | undefined): Promise<number> {
  const started = Date.now()
  makeFolder(folder)
  const running = await runningDemo(join(folder, 'running.json'), join(folder, 'ports.json'))
  if (running !== undefined) {
    process.stderr.write(
      `sallyport demo: a demo runs over ${folder} already, process ${running}\nhelp: use it, end it, or set SALLYPORT_DEMO to another folder\n`,
    )
    return 1
  }
  const told = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done())
  })
  // A client of a demo that runs needs none of what this takes to load.
  const { startDemo } = await import('./gateway.ts')
  const demo = await startDemo(folder, ears(), cluster)
  const { ports, issuer } = demo
  await writeTokens(folder, ports, issuer)
  writePlaces(folder, ports, [process.execPath, resolve(process.argv[1] ?? 'sallyport')], cluster)
  const renewing = setInterval(() => {
    writeTokens(folder, ports, issuer).catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
  }, renewMs)
  process.stdout.write(
    guide({ folder, from: process.cwd(), tookMs: Date.now() - started, cluster: cluster !== undefined }),
  )
  await told
  clearInterval(renewing)
  await end(folder, demo)
  return 0
}

async function end(folder: string, demo: Demo): Promise<void> {
  process.stdout.write('\nending: connections are closed, the sample database is removed\n')
  // Whoever asks again does not want to wait.
  process.once('SIGINT', () => process.exit(130))
  await demo.close()
  for (const name of ofRunning) rmSync(join(folder, name), { force: true })
  process.stdout.write(`ended; policies and recordings are kept in ${folder}\n`)
}

/** Tells each part while it starts and what it took; what a policy does meanwhile comes after its line. */
function ears(): DemoEars {
  let waiting: string[] | undefined
  return {
    step: async (what, work) => {
      const started = Date.now()
      waiting = []
      process.stdout.write(`  starting ${what} `.padEnd(64, '.'))
      try {
        const made = await work()
        process.stdout.write(` ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
        return made
      } catch (error) {
        process.stdout.write(' failed\n')
        throw error
      } finally {
        for (const line of waiting) process.stdout.write(`  ${line}\n`)
        waiting = undefined
      }
    },
    say: (line) => {
      if (waiting === undefined) process.stdout.write(`  ${line}\n`)
      else waiting.push(line)
    },
  }
}
