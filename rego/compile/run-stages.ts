// Runs the stages. Those that look at one rule at a time and follow each other take each rule through all of them before
// the next rule, so that what stands between them is never held for all rules; the outcome is as if each stage had gone
// through all rules before the next stage.
import type { Diagnostic, Module, Rule } from '../syntax/index.ts'
import { type RuleStage, type Stage, type StageState, stages, type WholeStage } from './stages.ts'

type Group = WholeStage | readonly Stage[]

const groups: readonly Group[] = grouped()

function grouped(): readonly Group[] {
  const found: (WholeStage | Stage[])[] = []
  for (const stage of stages) {
    const last = found.at(-1)
    if (Array.isArray(last) && !standsAlone(stage)) last.push(stage)
    else found.push(standsAlone(stage) ? stage : [stage])
  }
  return found
}

function standsAlone(stage: Stage): stage is WholeStage {
  return 'run' in stage && stage.reads === undefined
}

/** The state after all stages, or after the first that finds mistakes. */
export function runStages(start: StageState): StageState {
  let state = start
  for (const group of groups) {
    state = 'run' in group ? { ...state, ...group.run(state) } : new RuleRun(group, state).run()
    if (state.compilation.failed) break
  }
  return state
}

type Change = ReturnType<RuleStage['begin']>

/** One group of stages on its way through all rules. */
class RuleRun {
  readonly #stages: readonly Stage[]
  #state: StageState
  /** How many of the stages still matter: behind the first that found mistakes, none does. */
  #reached: number
  #mistakes: Diagnostic[] = []

  constructor(group: readonly Stage[], state: StageState) {
    this.#stages = group
    this.#state = state
    this.#reached = group.length
  }

  run(): StageState {
    this.#whole('written')
    const { modules, settled, compilation } = this.#state
    const done = modules.map((module) => (settled.has(module) ? module : this.#module(module)))
    this.#state = { ...this.#state, modules: done }
    this.#whole('heads')
    for (const mistake of this.#mistakes) compilation.add(mistake)
    return this.#state
  }

  #whole(reads: WholeStage['reads']): void {
    for (const [at, stage] of this.#stages.entries()) {
      if (at >= this.#reached) return
      if (!('run' in stage) || stage.reads !== reads) continue
      this.#state = { ...this.#state, ...stage.run(this.#state) }
      this.#note(at)
    }
  }

  #module(module: Module): Module {
    const changes: Change[] = []
    for (const [at, stage] of this.#stages.entries()) {
      if (at >= this.#reached) break
      changes.push('run' in stage ? undefined : stage.begin(module, this.#state))
      this.#note(at)
    }
    if (changes.every((change) => change === undefined)) return module
    return { ...module, rules: module.rules.map((rule) => this.#rule(rule, changes)) }
  }

  #rule(first: Rule, changes: readonly Change[]): Rule {
    let rule = first
    for (let at = 0; at < this.#reached; at++) {
      const change = changes[at]
      if (change === undefined) continue
      rule = change(rule)
      this.#note(at)
    }
    return rule
  }

  /** Takes what a stage found; nothing that a stage behind it found counts any more. */
  #note(at: number): void {
    const { diagnostics } = this.#state.compilation
    if (diagnostics.length === 0) return
    const found = diagnostics.splice(0)
    if (at < this.#reached - 1 || this.#mistakes.length === 0) this.#mistakes = found
    else for (const mistake of found) this.#mistakes.push(mistake)
    this.#reached = at + 1
  }
}
