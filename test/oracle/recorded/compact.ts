import {
  teardownRule,
  type DescribedTask,
  type Description,
  type Repetition,
  type RuleName,
  type TryEnd,
} from '../description.ts'

/** A described DAG without what is usual, as recordings keep it: durations and how many run at once are left out. */
export interface CompactDag {
  readonly tasks: readonly CompactTask[]
  readonly groups?: Readonly<Record<string, CompactList | null>>
}

/** Of work unless it has cases, skips something, or is empty. */
interface CompactTask {
  readonly id: string
  readonly up?: readonly string[]
  readonly rule?: RuleName
  readonly in?: string
  readonly empty?: true
  readonly cases?: readonly string[]
  readonly chosen?: readonly (readonly string[])[]
  readonly skips?: 'all' | 'direct'
  readonly passes?: readonly boolean[]
  readonly retries?: number
  readonly ends?: readonly (readonly TryEnd[])[]
  readonly map?: CompactList
  readonly setup?: true
  readonly of?: readonly string[]
  readonly failsRun?: true
}

interface CompactList {
  readonly over?: string
  readonly length: number
}

export function compact({ tasks, groups }: Description): CompactDag {
  return {
    tasks: tasks.map(compactTask),
    ...(groups.length > 0 && {
      groups: Object.fromEntries(groups.map(({ path, map }) => [path, map && compactList(map)])),
    }),
  }
}

function compactList({ over, length }: Repetition): CompactList {
  return over === null ? { length } : { over, length }
}

function compactTask(task: DescribedTask): CompactTask {
  const { id, upstream, rule, group } = task
  const common = {
    id,
    ...(upstream.length > 0 && { up: upstream }),
    ...(rule !== 'all_success' && rule !== teardownRule && { rule }),
    ...(group !== null && { in: group }),
  }
  switch (task.kind) {
    case 'empty':
      return { ...common, empty: true }
    case 'branch':
      return { ...common, cases: task.cases, chosen: task.chosen }
    case 'short_circuit':
      return { ...common, skips: task.skips, passes: task.passes }
    case 'work': {
      const { retries, map, setup, teardownOf, failsRun } = task
      const ends = task.script.map((tries) => tries.slice(0, retries + 1).map((each) => each.ends))
      return {
        ...common,
        ...(retries > 0 && { retries }),
        ...(ends.flat().some((end) => end !== 'success') && { ends }),
        ...(map !== null && { map: compactList(map) }),
        ...(setup && { setup }),
        ...(teardownOf.length > 0 && { of: teardownOf }),
        ...(failsRun && { failsRun }),
      }
    }
  }
}

export function expand({ tasks, groups = {} }: CompactDag): Description {
  return {
    tasks: tasks.map(expandTask),
    groups: Object.entries(groups).map(([path, map]) => ({ path, map: map && expandList(map) })),
    failRunOn: 'leaves',
  }
}

function expandList({ over, length }: CompactList): Repetition {
  return { over: over ?? null, length, maxConcurrent: null }
}

function expandTask(task: CompactTask): DescribedTask {
  const { id, up: upstream = [], of: teardownOf = [] } = task
  const group = task.in ?? null
  const rule = teardownOf.length > 0 ? teardownRule : (task.rule ?? 'all_success')
  const common = { id, upstream, rule, group }
  if (task.empty) return { ...common, kind: 'empty' }
  if (task.cases) return { ...common, kind: 'branch', cases: task.cases, chosen: task.chosen ?? [] }
  if (task.skips) {
    return { ...common, kind: 'short_circuit', skips: task.skips, passes: task.passes ?? [] }
  }
  return {
    ...common,
    kind: 'work',
    retries: task.retries ?? 0,
    script: (task.ends ?? []).map((tries) => tries.map((ends) => ({ ends, seconds: 10 }))),
    map: task.map === undefined ? null : expandList(task.map),
    setup: task.setup ?? false,
    teardownOf,
    failsRun: task.failsRun ?? false,
  }
}
