import {
  teardownRule,
  type DescribedTask,
  type Description,
  type Repetition,
  type WorkTask,
} from './description.ts'
import { timesOf } from './oracle.ts'
import { withCasesInUse } from './random-dag.ts'
import { isWithin } from './structure.ts'

/**
 * A DAG of which as little as possible is left for which something still holds. So many DAGs are tried at most, so that it
 * ends however long one takes.
 */
export async function shrink(
  dag: Description,
  holds: (smaller: Description) => Promise<boolean>,
  most = 400,
): Promise<Description> {
  let left = most
  const attempt = async (smaller: Description) => left-- > 0 && holds(smaller)
  for (let current = dag; ;) {
    const fewer = await withFewerTasks(current, attempt)
    const smaller = await simpler(fewer, attempt)
    if (left <= 0 || smaller === current) return smaller
    current = smaller
  }
}

type Attempt = (smaller: Description) => Promise<boolean>

/** Takes tasks away in halves, in quarters and so on: the last ones first, since nothing stands on them. */
async function withFewerTasks(dag: Description, attempt: Attempt): Promise<Description> {
  let current = dag
  for (let size = Math.ceil(dag.tasks.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = current.tasks.length; end > 0; end -= size) {
      const gone = new Set(current.tasks.slice(Math.max(0, end - size), end).map(({ id }) => id))
      const smaller = gone.size < current.tasks.length ? without(current, gone) : null
      if (smaller !== null && (await attempt(smaller))) current = smaller
    }
  }
  return current
}

/** Takes one thing after another away from what is left: edges, then all that is not the usual. */
async function simpler(dag: Description, attempt: Attempt): Promise<Description> {
  let current = dag
  for (let at = 0; at < simplifications(current).length;) {
    const smaller = normal(simplifications(current)[at]!)
    // What took its place is the next one to be tried.
    if (JSON.stringify(smaller) !== JSON.stringify(current) && (await attempt(smaller))) current = smaller
    else at += 1
  }
  return current
}

function simplifications(dag: Description): readonly Description[] {
  const { slots: _, ...unpooled } = dag
  return [
    ...dag.tasks.flatMap((task, at) =>
      simplerTasks(task).map((each) => ({ ...dag, tasks: dag.tasks.with(at, each) })),
    ),
    ...dag.groups.flatMap((group, at) => [
      withoutGroup(dag, group.path),
      ...simplerLists(group.map).map((map) => ({ ...dag, groups: dag.groups.with(at, { ...group, map }) })),
    ]),
    { ...dag, failRunOn: 'leaves' },
    { ...unpooled, tasks: dag.tasks.map(withoutSlots) },
  ]
}

function simplerTasks(task: DescribedTask): readonly DescribedTask[] {
  const common = task.upstream.map((target) => ({
    ...task,
    upstream: task.upstream.filter((each) => each !== target),
  }))
  const { id, upstream, group } = task
  const rule = task.rule === teardownRule ? 'all_success' : task.rule
  const empty: DescribedTask = { kind: 'empty', id, upstream, group, rule }
  if (task.kind === 'empty') return [...common, { ...task, rule: 'all_success' }]
  if (task.kind !== 'work') return [...common, empty, { ...task, rule: 'all_success' }]
  return [
    ...common,
    ...(task.teardownOf.length > 0 ? [{ ...task, rule: 'all_success' as const, teardownOf: [] }] : []),
    empty,
    { ...task, rule: task.teardownOf.length > 0 ? task.rule : 'all_success' },
    { ...task, setup: false },
    { ...task, script: [], retries: 0 },
    { ...task, script: task.script.slice(0, 1), retries: 0 },
    { ...task, script: task.script.map((tries) => tries.slice(0, 1)), retries: 0 },
    { ...task, script: task.script.map((tries) => tries.map(({ ends }) => ({ ends, seconds: 10 }))) },
    { ...task, failsRun: false },
    withoutSlots(task),
    withoutOnce(task),
    ...simplerLists(task.map).map((map) => ({ ...task, map })),
  ]
}

function withoutSlots(task: DescribedTask): DescribedTask {
  if (task.kind !== 'work') return task
  const { slots: _, ...rest } = task
  return rest
}

function withoutOnce(task: WorkTask): WorkTask {
  const { isOnce: _, ...rest } = task
  return rest
}

function simplerLists(map: Repetition | null): readonly (Repetition | null)[] {
  if (map === null) return []
  const { second, tolerated, toleratedPercent: percent, ...plain } = map
  const share = {
    ...(tolerated !== undefined && { tolerated }),
    ...(percent !== undefined && { toleratedPercent: percent }),
  }
  return [
    null,
    plain,
    { ...plain, ...share },
    { ...plain, ...(second !== undefined && { second }) },
    { ...map, over: null },
    { ...map, maxConcurrent: null },
    { ...map, length: Math.min(1, map.length) },
  ]
}

/** Without some tasks, and with nothing that spoke of them. */
function without(dag: Description, gone: ReadonlySet<string>): Description {
  const tasks = dag.tasks
    .filter(({ id }) => !gone.has(id))
    .map((task): DescribedTask => {
      const upstream = task.upstream.filter((target) => !gone.has(target.split(':')[0]!))
      if (task.kind !== 'work') return { ...task, upstream }
      const teardownOf = task.teardownOf.filter((id) => !gone.has(id))
      const isPlain = teardownOf.length === 0 && task.teardownOf.length > 0
      return {
        ...task,
        upstream,
        teardownOf,
        rule: isPlain ? 'all_success' : task.rule,
        failsRun: task.failsRun && teardownOf.length > 0,
        map: task.map && withoutSource(task.map, gone),
      }
    })
  const groups = dag.groups.map((group) => ({ ...group, map: group.map && withoutSource(group.map, gone) }))
  const emptied = groups.filter(({ path }) => !tasks.some(({ group }) => isWithin(group, path)))
  const left: Description = { ...dag, tasks, groups }
  return normal(emptied.reduce((smaller, { path }) => withoutGroup(smaller, path), left))
}

function withoutSource(map: Repetition, gone: ReadonlySet<string>): Repetition {
  return map.over !== null && gone.has(map.over) ? { ...map, over: null } : map
}

/** Its tasks stand in the group around it then. */
function withoutGroup(dag: Description, path: string): Description {
  const outer = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : null
  return {
    ...dag,
    groups: dag.groups.filter((group) => group.path !== path),
    tasks: dag.tasks.map((task) => ({
      ...task,
      group: task.group === path ? outer : task.group,
      upstream: task.upstream.filter((target) => target !== `@${path}`),
    })),
  }
}

/** What follows from other parts of a DAG follows from them again: cases, lengths of lists, shares of them. */
function normal(dag: Description): Description {
  const tasks: DescribedTask[] = []
  const listOf = (map: Repetition | null) => {
    if (map === null) return null
    const source = tasks.find(({ id }) => id === map.over)
    const sized = source?.kind === 'work' && source.map ? { ...map, length: timesOf(source.map) } : map
    const { toleratedPercent: percent } = sized
    return percent === undefined
      ? sized
      : { ...sized, tolerated: Math.floor((timesOf(sized) * percent) / 100) }
  }
  for (const task of dag.tasks) {
    tasks.push(task.kind === 'work' ? { ...task, map: listOf(task.map) } : task)
  }
  const groups = dag.groups.map((group) => ({ ...group, map: listOf(group.map) }))
  return { ...dag, groups, tasks: tasks.map((task) => withCasesInUse(task, tasks)) }
}
