import {
  isTeardown,
  type DescribedTask,
  type RuleName,
  type ShortCircuitTask,
  type State,
} from './description.ts'
import { excludedBy, timesOf } from './oracle.ts'
import type { Structure } from './structure.ts'

/**
 * Failures that Airflow never sees in time, because something else has always skipped the task before. Its scheduler looks
 * again and again, and each look shows only what ended before it: a task that starts at one look ends, at the earliest,
 * by the next one, while what is skipped without running is skipped at the very look that shows why.
 */
export interface Ended {
  get(id: string): readonly { readonly state: State; readonly isUnforeseen?: boolean }[] | false
}

function statesOf(id: string, ended: Ended): readonly State[] {
  return (ended.get(id) || []).map(({ state }) => state)
}

/** States of one task above by which a rule skips at once, whatever else is above. */
const skippedBy: Readonly<Partial<Record<RuleName, readonly State[]>>> = {
  all_success: ['skipped'],
  all_failed: ['success', 'skipped'],
  all_done_min_one_success: ['skipped'],
  all_skipped: ['success', 'failed', 'upstream_failed'],
  none_skipped: ['skipped'],
}

/** The same where only one task stands above, so that nothing else is waited for. */
const skippedByOnly: Readonly<Partial<Record<RuleName, readonly State[]>>> = {
  one_success: ['skipped'],
  one_failed: ['success', 'skipped'],
  one_done: ['upstream_failed', 'skipped'],
  none_failed_min_one_success: ['skipped'],
}

/** Whether a failure above a task comes after a skip of it, in whatever order tasks end. */
export function comesTooLate(
  failure: string,
  task: DescribedTask,
  structure: Structure,
  ended: Ended,
): boolean {
  const { tasks, mappedGroups } = structure
  // In a repeated group Airflow skips each index by itself, and a look later.
  if (mappedGroups.has(task.id) || mappedGroups.has(failure)) return false
  if ((ended.get(failure) || []).some(({ isUnforeseen }) => isUnforeseen)) return false
  const isAlwaysAfter = (id: string, looks: number) => follows(failure, id, looks, structure, ended)
  return skipsOf(task, structure, ended).some(({ id, states }) => {
    if (isAlwaysAfter(id, 1)) return true
    if (!states.includes('skipped')) return false
    const skipped = tasks.get(id)!
    return (
      isNothing(skipped, structure) ||
      decidersOf(id, structure, ended).some((decider) => isAlwaysAfter(decider, 1)) ||
      skipsOf(skipped, structure, ended).some((cause) => isAlwaysAfter(cause.id, 2))
    )
  })
}

/** Branches and short circuits that have excluded a task. */
function decidersOf(id: string, structure: Structure, ended: Ended): readonly string[] {
  return [...structure.tasks.values()]
    .filter(
      (decider) =>
        (decider.kind === 'branch' || decider.kind === 'short_circuit') &&
        !structure.mappedGroups.has(decider.id) &&
        statesOf(decider.id, ended)[0] === 'success' &&
        excludedBy(decider, 0, structure).has(id),
    )
    .map((decider) => decider.id)
}

/** A mapped task over an empty list in the DAG that nothing stands above: it is skipped before anything starts. */
function isNothing(task: DescribedTask, structure: Structure): boolean {
  if (task.kind !== 'work' || task.map === null) return false
  return task.map.over === null && timesOf(task.map) === 0 && aboveOf(task, structure).length === 0
}

function aboveOf({ id }: DescribedTask, { edges, setups, suppliers }: Structure): readonly string[] {
  return [...new Set([...edges.get(id)!.map(({ from }) => from), ...setups.get(id)!, ...suppliers.get(id)!])]
}

/** Tasks above whose states skip a task at once, with those states. */
function skipsOf(
  task: DescribedTask,
  structure: Structure,
  ended: Ended,
): readonly { id: string; states: readonly State[] }[] {
  if (task.rule === 'always' || isTeardown(task)) return []
  const direct = new Set(structure.edges.get(task.id)!.map(({ from }) => from))
  // The instances of a mapped task are a list however they ended.
  const lists = structure.suppliers.get(task.id)!.filter((id) => !isRepeated(structure.tasks.get(id)!))
  const needed = new Set([...structure.setups.get(task.id)!, ...lists])
  const above = aboveOf(task, structure)
  const byRule = skippedBy[task.rule] ?? (above.length === 1 ? skippedByOnly[task.rule] : undefined) ?? []
  return above.flatMap((id) => {
    const own = direct.has(id) ? byRule : []
    const due: readonly State[] = needed.has(id) ? [...own, 'skipped'] : own
    const states = statesOf(id, ended).filter((state) => due.includes(state))
    return states.length === 0 || structure.mappedGroups.has(id) ? [] : [{ id, states }]
  })
}

function isRepeated(task: DescribedTask): boolean {
  return task.kind === 'work' && task.map !== null
}

/** Whether a failed task ends at least so many looks after another one, whatever else happens. */
function follows(
  id: string,
  other: string,
  looks: number,
  structure: Structure,
  ended: Ended,
  levels = 1,
): boolean {
  const states = levels < 0 ? ['failed', 'upstream_failed'] : statesOf(id, ended)
  return (
    (!states.includes('failed') || ranAfter(id, other, looks, structure)) &&
    (!states.includes('upstream_failed') || failedAfter(id, other, looks, structure, ended, levels))
  )
}

/** Rules that may let a task run before everything above it has ended. */
const early: ReadonlySet<RuleName> = new Set(['one_success', 'one_failed', 'one_done'])

/** Of a task that ran. */
function ranAfter(id: string, other: string, looks: number, structure: Structure): boolean {
  if (id === other) return looks <= 0
  const task = structure.tasks.get(id)!
  if (!structure.below.get(other)!.has(id) || task.rule === 'always') return false
  const above = aboveOf(task, structure)
  if (early.has(task.rule) && !isTeardown(task))
    return above.every((each) => endsAfter(each, other, looks - 1, structure))
  // Whatever all_success lets run has run itself.
  const after = task.rule === 'all_success' ? ranAfter : endsAfter
  return above.some((each) => after(each, other, looks - 1, structure))
}

/** Of a task that failed because of those above it, any of which may have been the first. */
function failedAfter(
  id: string,
  other: string,
  looks: number,
  structure: Structure,
  ended: Ended,
  levels: number,
): boolean {
  if (id === other) return looks <= 0
  if (!structure.below.get(other)!.has(id)) return false
  const above = aboveOf(structure.tasks.get(id)!, structure)
  return above.every((each) => follows(each, other, looks - 1, structure, ended, levels - 1))
}

/** What a short circuit skips where it does not hold. */
function reachedBy({ id, skips }: ShortCircuitTask, { below, children }: Structure): ReadonlySet<string> {
  return skips === 'all' ? below.get(id)! : new Set(children.get(id))
}

/** However a task ends: at the earliest because of the first one above it, or skipped together with what decides so. */
function endsAfter(id: string, other: string, looks: number, structure: Structure): boolean {
  if (id === other) return looks <= 0
  if (!structure.below.get(other)!.has(id)) return false
  const task = structure.tasks.get(id)!
  if (task.rule === 'always') return false
  const above = aboveOf(task, structure)
  const deciders = [...structure.tasks.values()].filter(
    (each) =>
      (each.kind === 'branch' && above.includes(each.id)) ||
      (each.kind === 'short_circuit' && !isTeardown(task) && reachedBy(each, structure).has(id)),
  )
  return (
    deciders.every((each) => endsAfter(each.id, other, looks, structure)) &&
    above.every((each) => endsAfter(each, other, looks - 1, structure))
  )
}
