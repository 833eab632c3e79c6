// The metrics of all processes of a gateway as one text: every sample says of which process it is, so that sums are sums
// and what stands still in one shows.
import type { Metrics } from '../../../proxy/telemetry/index.ts'
import type { Peers } from './peers.ts'

/** Metrics of every process, whichever of them is asked. */
export function metricsOfAll(own: Metrics, peers: Peers): Pick<Metrics, 'text' | 'contentType'> {
  if (peers.processes === 1) return own
  peers.answer('metrics', () => own.text())
  return {
    contentType: own.contentType,
    text: async () => {
      const [mine, others] = await Promise.all([own.text(), peers.ask('metrics')])
      const texts = others.flatMap(({ process, body }) => (typeof body === 'string' ? [{ process, text: body }] : []))
      return merged([{ process: peers.process, text: mine }, ...texts])
    },
  }
}

/** Puts texts of Prometheus's format together: each metric once, with the samples of all processes below it. */
export function merged(texts: readonly { readonly process: number; readonly text: string }[]): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>()
  for (const { process, text } of texts.toSorted((a, b) => a.process - b.process)) {
    let family: { readonly head: string[]; readonly samples: string[] } | undefined
    let name = ''
    for (const line of text.split('\n')) {
      if (line === '') continue
      if (!line.startsWith('#')) {
        family?.samples.push(labelled(line, process))
        continue
      }
      const named = line.split(' ', 3)[2] ?? ''
      if (named !== name) {
        name = named
        family = families.get(name) ?? { head: [], samples: [] }
        families.set(name, family)
      }
      if (family?.head.includes(line) === false) family.head.push(line)
    }
  }
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples, '']).join('\n')
}

function labelled(line: string, process: number): string {
  const label = `process="${process}"`
  const brace = line.indexOf('{')
  if (brace !== -1) return `${line.slice(0, brace + 1)}${label},${line.slice(brace + 1)}`
  const space = line.indexOf(' ')
  return `${line.slice(0, space)}{${label}}${line.slice(space)}`
}
