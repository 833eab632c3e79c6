// State that the processes of a gateway tell each other of: changes of the store, and the newest groups of parties.
import { NewestGroups, type PartyGroups } from '../../../proxy/identity/index.ts'
import type { Change, ChangeBus } from '../../../proxy/storage/index.ts'
import { fieldOf } from './message.ts'
import type { Peers } from './peers.ts'

const topics = ['sessions', 'holds', 'grants', 'revocations', 'resync'] as const

/** How processes that share an embedded store tell each other of changes; undefined for a gateway that is alone. */
export function changeBus(peers: Peers): ChangeBus | undefined {
  if (peers.processes === 1) return undefined
  return {
    tell: (change) => peers.tell('change', change),
    heard: (callback) => peers.heard('change', (told) => callback(changeOf(told))),
  }
}

/** What cannot be read has everything read again. */
function changeOf(told: unknown): Change {
  const topic = topics.find((one) => one === fieldOf(told, 'topic'))
  const id = fieldOf(told, 'id')
  return topic === undefined || typeof id !== 'string' ? { topic: 'resync', id: '' } : { topic, id }
}

/** What all processes know of the newest groups of parties; one that has just begun asks the others. */
export async function sharedGroups(peers: Peers, lost: () => void): Promise<NewestGroups> {
  const groups = new NewestGroups(lost, (news) => peers.tell('groups', news))
  const take = (news: unknown): void => {
    if (isPartyGroups(news)) groups.take(news)
  }
  peers.heard('groups', take)
  peers.answer('groups', () => groups.all())
  for (const { body } of await peers.ask('groups')) if (Array.isArray(body)) for (const news of body) take(news)
  return groups
}

function isPartyGroups(news: unknown): news is PartyGroups {
  const groups = fieldOf(news, 'groups')
  return (
    typeof fieldOf(news, 'party') === 'string' &&
    typeof fieldOf(news, 'issuedAtMs') === 'number' &&
    Array.isArray(groups) &&
    groups.every((one) => typeof one === 'string')
  )
}
