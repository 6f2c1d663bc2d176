import type { RoleOptions } from './options.ts'
import type { Place } from './place.ts'
import type { AfterNode, Teardown } from './task.ts'
import { triggerRules, type TriggerRule } from './trigger-rule.ts'
import { didYouMean } from './suggest.ts'
import { asList, describe } from './values.ts'

interface Role {
  readonly triggerRule: TriggerRule
  readonly setup: boolean
  readonly teardown: Teardown | null
}

/** Reads trigger rule, setup and teardown, given the setups so far. A teardown's rule is its own: `triggerRule` says `all_done` then. */
export function readRole(
  options: RoleOptions,
  nodeOf: (target: unknown) => AfterNode | undefined,
  setups: ReadonlySet<string>,
  place: Place,
): Role {
  const { triggerRule, setup, teardownOf, failsRun } = options as Readonly<Record<string, unknown>>
  const refuse = (message: string, hint: string) =>
    place.problems.add('DAG113', `${place.what}: ${message}`, hint, place.at)
  checkFlag('setup', setup, place)
  checkFlag('failsRun', failsRun, place)
  const rule = readRule(triggerRule, place)
  if (teardownOf === undefined) {
    if (failsRun !== undefined) refuse('failsRun without teardownOf', 'drop failsRun: it is for teardowns')
    return { triggerRule: rule, setup: setup === true, teardown: null }
  }
  if (setup === true) refuse('a setup and a teardown at once', 'drop setup or teardownOf')
  if (triggerRule !== undefined) {
    refuse('a teardown with a trigger rule', 'drop triggerRule: a teardown runs once all above it has ended')
  }
  const targets = asList(teardownOf)
  if (targets.length === 0) refuse('teardownOf names no setup', 'pass what the setup tasks returned')
  const own = targets.flatMap((target) => {
    const node = nodeOf(target)
    if (node?.kind === 'task' && setups.has(node.id)) return [node.id]
    const named = node ? node.id : describe(target)
    refuse(`teardownOf names ${named}, which is no setup`, 'declare that task with setup: true')
    return []
  })
  return {
    triggerRule: 'all_done',
    setup: false,
    teardown: { setups: [...new Set(own)], failsRun: failsRun === true },
  }
}

function readRule(rule: unknown, { what, problems, at }: Place): TriggerRule {
  const known = triggerRules.find((name) => name === rule)
  if (known !== undefined || rule === undefined) return known ?? 'all_success'
  const hint = didYouMean(typeof rule === 'string' ? rule : '', triggerRules, 'rules')
  problems.add('DAG104', `${what}: triggerRule is ${describe(rule)}`, hint, at)
  return 'all_success'
}

function checkFlag(option: string, value: unknown, { what, problems, at }: Place): void {
  if (value === undefined || typeof value === 'boolean') return
  problems.add('DAG104', `${what}: ${option} is ${describe(value)}`, 'give true or false', at)
}
