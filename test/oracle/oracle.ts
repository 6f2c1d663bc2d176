import {
  isSetup,
  isTeardown,
  nthTry,
  scriptOf,
  type BranchTask,
  type DescribedTask,
  type Description,
  type InstanceEnd,
  type Outcome,
  type Repetition,
  type ShortCircuitTask,
  type State,
  type WorkTask,
} from './description.ts'
import { comesTooLate } from './skip-first.ts'
import { applyExpansion, applyRule, applySetups, count, type Verdict } from './rules.ts'
import { effectiveLeaves, isWithin, structureOf, type Edge, type Structure } from './structure.ts'

/**
 * What a run of a described DAG comes to, by Airflow's rules, where a task is decided once everything directly above it
 * has ended. It shares nothing with the compiler, so that a mistake has to be made twice to go unseen. What is `given`
 * happened to tasks by other means than the description's.
 */
export function predict(description: Description, given: Ended = new Map()): Outcome {
  const structure = structureOf(description)
  const ended = new Map<string, readonly InstanceEnd[]>()
  for (const task of description.tasks) {
    const told = given.get(task.id)
    ended.set(
      task.id,
      told === undefined ? endsOf(task, structure, ended) : unforeseen(task, told, structure, ended),
    )
  }
  return { run: runState(structure, ended), tasks: Object.fromEntries(ended) }
}

/** What happened to a task that would not have run came at no time that its rule or those above say anything about. */
function unforeseen(
  task: DescribedTask,
  told: readonly InstanceEnd[],
  structure: Structure,
  ended: Ended,
): readonly InstanceEnd[] {
  const isRun = endsOf(task, structure, ended).some(({ tries }) => tries > 0)
  return isRun ? told : told.map((end) => ({ ...end, isUnforeseen: true }))
}

export type Ended = ReadonlyMap<string, readonly InstanceEnd[]>

export function runState(structure: Structure, ended: Ended): 'success' | 'failed' {
  const { description } = structure
  const deciding =
    description.failRunOn === 'leaves'
      ? effectiveLeaves(structure)
      : description.tasks.filter((task) => !isTeardown(task) || task.failsRun)
  return deciding.some(({ id }) => seenStates(id, structure, ended).some(isFailed)) ? 'failed' : 'success'
}

/** States of a task's instances as everything around the repetition sees them: without failures that are tolerated. */
export function seenStates(id: string, structure: Structure, ended: Ended): readonly State[] {
  const task = structure.tasks.get(id)!
  const ends = ended.get(id)!
  const states = ends.map(({ state }) => state)
  const group = structure.mappedGroups.get(id)
  const repetition = group?.map ?? (task.kind === 'work' ? task.map : null)
  if (!repetition?.tolerated || lengthOf(repetition, structure, ended) === 0) return states
  // A task that is repeated by itself is blocked as a whole or not at all.
  if (ends.some(({ state, isLost }) => isLost || (!group && state === 'upstream_failed'))) return states
  const together = group
    ? structure.description.tasks.filter((other) => isWithin(other.group, group.path))
    : [task]
  const bad = new Set(
    together.flatMap((each) => {
      const own = ended.get(each.id)!
      return (own[0]?.lostEnds ?? own).flatMap(({ state, isLost }, index) =>
        isFailed(state) && !isLost ? [index] : [],
      )
    }),
  )
  if (bad.size > repetition.tolerated) return states
  const others = states.filter((state) => !isFailed(state))
  return others.length > 0 ? others : ['success']
}

function isFailed(state: State): boolean {
  return state === 'failed' || state === 'upstream_failed'
}

function endsOf(task: DescribedTask, structure: Structure, ended: Ended): readonly InstanceEnd[] {
  const group = structure.mappedGroups.get(task.id)
  if (group?.map) {
    const length = lengthOf(group.map, structure, ended)
    if (length > 0) return indexes(length).map((index) => endOf(task, index, index, structure, ended))
    return [endOrEmpty(task, structure, ended)]
  }
  if (task.kind !== 'work' || task.map === null) return [endOf(task, 0, null, structure, ended)]
  const verdict = decide(task, null, structure, ended)
  if (verdict !== 'run') return [notRun(verdict)]
  const length = lengthOf(task.map, structure, ended)
  return length === 0 ? [notRun('skipped')] : indexes(length).map((index) => work(task, index))
}

/**
 * How what supplies a list ended. What is repeated itself supplies a list of what its instances gave, however they ended,
 * unless there are none.
 */
function suppliedBy(over: string | null, { tasks }: Structure, ended: Ended): readonly InstanceEnd[] {
  if (over === null) return []
  const supplier = tasks.get(over)!
  const ends = ended.get(over)!
  const map = supplier.kind === 'work' ? supplier.map : null
  const isExpanded =
    map !== null && timesOf(map) === ends.length && ends.some(({ tries, isLost }) => tries > 0 || isLost)
  return isExpanded ? [] : ends
}

/** A list that nobody supplied is as good as an empty one: it makes a single instance, which never runs. */
function lengthOf(map: Repetition, structure: Structure, ended: Ended): number {
  const isThere = suppliedBy(map.over, structure, ended).every(({ state }) => state === 'success')
  return isThere ? timesOf(map) : 0
}

/** How many instances there are. */
export function timesOf({ length, second }: Repetition): number {
  if (second === undefined) return length
  if (second.by === 'product') return length * second.length
  return second.by === 'zip' ? Math.min(length, second.length) : Math.max(length, second.length)
}

/** A task of a group over an empty list: what it is decided to be, skipped instead of run. */
function endOrEmpty(task: DescribedTask, structure: Structure, ended: Ended): InstanceEnd {
  const verdict = decide(task, null, structure, ended)
  return notRun(verdict === 'run' ? 'skipped' : verdict)
}

/** `position` is the index within the mapped group around it, null outside of one. */
function endOf(
  task: DescribedTask,
  index: number,
  position: number | null,
  structure: Structure,
  ended: Ended,
): InstanceEnd {
  const verdict = decide(task, position, structure, ended)
  if (verdict !== 'run') return notRun(verdict)
  return task.kind === 'work' ? work(task, index) : { state: 'success', tries: 1 }
}

function notRun(state: 'skipped' | 'upstream_failed'): InstanceEnd {
  return { state, tries: 0 }
}

/** Tries until one succeeds or skips, says that no other would, or was the last one allowed. */
export function work(task: WorkTask, index: number): InstanceEnd {
  const script = scriptOf(task, index)
  for (let tries = 1; ; tries++) {
    const { ends } = nthTry(script, tries)
    if (ends === 'timeout' && task.isOnce) return { state: 'failed', tries }
    if (ends === 'success') return { state: 'success', tries }
    if (ends === 'skip') return { state: 'skipped', tries }
    if (ends === 'give_up' || tries > task.retries) return { state: 'failed', tries }
  }
}

function decide(
  task: DescribedTask,
  position: number | null,
  structure: Structure,
  ended: Ended,
): Exclude<Verdict, 'wait'> {
  if (isExcluded(task, position, structure, ended)) return 'skipped'
  const { verdicts, isLate } = checks(task, position, structure, ended)
  // Airflow skips it before it can see that anything failed.
  if (isLate) return 'skipped'
  // Where one thing says that the task failed and another one that it is skipped, the failure wins.
  if (verdicts.includes('upstream_failed')) return 'upstream_failed'
  return verdicts.includes('skipped') ? 'skipped' : 'run'
}

/** What each kind of check says; `contested` where Airflow skips or fails the task by what it sees first. */
function checks(task: DescribedTask, position: number | null, structure: Structure, ended: Ended) {
  const { tasks, edges, setups, suppliers, mappedGroups } = structure
  const instancesOf = (id: string): readonly State[] => {
    const together = mappedGroups.get(id) !== undefined && mappedGroups.get(id) === mappedGroups.get(task.id)
    if (!together || position === null) return seenStates(id, structure, ended)
    const all = ended.get(id)!.map(({ state }) => state)
    return [all[position] ?? all[0]!]
  }
  const statesOf = (ids: readonly string[]) => count(ids.flatMap(instancesOf))
  const above = edges.get(task.id)!.map(({ from }) => from)
  if (above.length === 0 || task.rule === 'always') return { verdicts: [], contested: false, isLate: false }
  const rule = isTeardown(task) ? 'all_done_setup_success' : task.rule
  const states = statesOf(above)
  const verdicts = [
    applyExpansion(
      count(
        suppliers.get(task.id)!.flatMap((id) => suppliedBy(id, structure, ended).map(({ state }) => state)),
      ),
    ),
    applySetups(statesOf(setups.get(task.id)!)),
    applyRule(rule, states, statesOf(above.filter((id) => isSetup(tasks.get(id)!)))),
  ]
  if (verdicts.includes('wait')) throw new Error(`${task.id} waits although everything above it has ended`)
  const within = rule === 'all_success' && states.F + states.U > 0 && states.K > 0
  const isPatient = verdicts[2] === 'upstream_failed' && !failsAtOnce.has(rule)
  const failing = [
    ...setups.get(task.id)!,
    ...suppliers
      .get(task.id)!
      .filter((id) => suppliedBy(id, structure, ended).some(({ state }) => isFailed(state))),
    ...(failsAtOnce.has(rule) ? above : []),
  ]
  const seen = {
    get: (id: string) => {
      if (!ended.has(id)) return false
      const isUnforeseen = ended.get(id)!.some((end) => end.isUnforeseen === true)
      return seenStates(id, structure, ended).map((state) => ({ state, isUnforeseen }))
    },
  }
  return {
    verdicts,
    isLate:
      verdicts.includes('upstream_failed') &&
      !isPatient &&
      failing
        .filter((id) => instancesOf(id).some(isFailed))
        .every((id) => comesTooLate(id, task, structure, seen)),
    contested: within || (verdicts.includes('upstream_failed') && verdicts.includes('skipped')),
  }
}

/** Rules that fail a task as soon as one above it has failed, the others once all have ended. */
const failsAtOnce: ReadonlySet<string> = new Set([
  'all_success',
  'none_failed',
  'none_failed_min_one_success',
])

/** Tasks for which a failure met a skip, so that Airflow goes by what it sees first; and which of them were skipped. */
export function contestedTasks(
  description: Description,
): readonly { readonly id: string; readonly isSkipped: boolean }[] {
  const structure = structureOf(description)
  const ended: Ended = new Map(Object.entries(predict(description).tasks))
  return description.tasks.flatMap((task) =>
    ended.get(task.id)!.flatMap((_, index) => {
      if (isExcluded(task, index, structure, ended)) return []
      const { contested, isLate } = checks(task, index, structure, ended)
      return contested ? [{ id: task.id, isSkipped: isLate }] : []
    }),
  )
}

/** A branch directly above leads elsewhere, or a short circuit above skips what is below it. */
function isExcluded(
  task: DescribedTask,
  position: number | null,
  structure: Structure,
  ended: Ended,
): boolean {
  const { description, mappedGroups } = structure
  return description.tasks.some((decider) => {
    if (decider.kind !== 'branch' && decider.kind !== 'short_circuit') return false
    const together = mappedGroups.get(decider.id)
    // A decision inside a repeated group is one of its index, and nobody outside knows of it.
    if (together !== undefined && together !== mappedGroups.get(task.id)) return false
    const index = together === undefined ? 0 : (position ?? 0)
    const end = ended.get(decider.id)?.[index]
    return end?.state === 'success' && excludedBy(decider, index, structure).has(task.id)
  })
}

/** What the decision of a branch or a short circuit skips. */
export function excludedBy(
  decider: BranchTask | ShortCircuitTask,
  index: number,
  structure: Structure,
): ReadonlySet<string> {
  const { tasks, edges, children, below } = structure
  const direct = children.get(decider.id)!
  if (decider.kind === 'short_circuit') {
    if (decider.passes[index] ?? true) return new Set()
    const reached = decider.skips === 'direct' ? direct : [...below.get(decider.id)!]
    return new Set(reached.filter((id) => !isTeardown(tasks.get(id)!)))
  }
  const chosen = decider.chosen[index] ?? []
  const edgeTo = (id: string): Edge => edges.get(id)!.find(({ from }) => from === decider.id)!
  const led = direct.filter((id) => edgeTo(id).cases?.some((name) => chosen.includes(name)) ?? true)
  const followed = new Set(led.flatMap((id) => [id, ...below.get(id)!]))
  return new Set(direct.filter((id) => !followed.has(id)))
}

function indexes(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index)
}
