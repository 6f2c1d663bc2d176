import {
  isSetup,
  isTeardown,
  type DescribedGroup,
  type DescribedTask,
  type Description,
} from './description.ts'

/** An edge from a task directly above; `cases` are those of a branch that lead here, null for an edge of no case. */
export interface Edge {
  readonly from: string
  readonly cases: readonly string[] | null
}

/** What a description means as a graph. */
export interface Structure {
  readonly description: Description
  readonly tasks: ReadonlyMap<string, DescribedTask>
  /** Direct edges into each task, groups expanded. */
  readonly edges: ReadonlyMap<string, readonly Edge[]>
  /** Direct children of each task. */
  readonly children: ReadonlyMap<string, readonly string[]>
  /** Everything below each task. */
  readonly below: ReadonlyMap<string, ReadonlySet<string>>
  /** The mapped group around each task. */
  readonly mappedGroups: ReadonlyMap<string, DescribedGroup>
  /** Setups that a task needs although they do not stand directly above it. */
  readonly setups: ReadonlyMap<string, readonly string[]>
  /** Tasks whose output is a list that the task, or the group around it, is repeated over. */
  readonly suppliers: ReadonlyMap<string, readonly string[]>
}

export function structureOf(description: Description): Structure {
  const known = structures.get(description)
  if (known !== undefined) return known
  const structure = buildStructure(description)
  structures.set(description, structure)
  return structure
}

/** A description never changes, and is asked about again and again. */
const structures = new WeakMap<Description, Structure>()

function buildStructure(description: Description): Structure {
  const tasks = new Map(description.tasks.map((task) => [task.id, task]))
  const mappedGroups = new Map(
    description.tasks.flatMap((task) => {
      const group = description.groups.find(({ path, map }) => map !== null && isWithin(task.group, path))
      return group ? [[task.id, group] as const] : []
    }),
  )
  const edges = new Map<string, readonly Edge[]>()
  for (const task of description.tasks) edges.set(task.id, edgesOf(task, description, edges, mappedGroups))
  const children = new Map(
    description.tasks.map(({ id }) => [
      id,
      description.tasks
        .filter((other) => edges.get(other.id)!.some(({ from }) => from === id))
        .map((other) => other.id),
    ]),
  )
  const below = new Map<string, ReadonlySet<string>>()
  for (const { id } of description.tasks.toReversed()) {
    below.set(id, new Set(children.get(id)!.flatMap((child) => [child, ...below.get(child)!])))
  }
  return {
    description,
    tasks,
    edges,
    children,
    below,
    mappedGroups,
    setups: new Map(
      description.tasks.map((task) => [task.id, setupsOf(task, { tasks, edges, children, below })]),
    ),
    suppliers: new Map(
      description.tasks.map((task) => [
        task.id,
        [task.kind === 'work' ? task.map?.over : null, mappedGroups.get(task.id)?.map?.over].filter(
          (id) => typeof id === 'string',
        ),
      ]),
    ),
  }
}

export function isWithin(group: string | null, path: string): boolean {
  return group !== null && (group === path || group.startsWith(`${path}.`))
}

/** A run is decided by what nothing follows but teardowns whose failure does not count. */
export function effectiveLeaves({ description, tasks, children }: Structure): readonly DescribedTask[] {
  const ignorable = (task: DescribedTask) => isTeardown(task) && !task.failsRun
  const leaves = description.tasks.filter(
    (task) => !ignorable(task) && children.get(task.id)!.every((child) => ignorable(tasks.get(child)!)),
  )
  return leaves.length > 0 ? leaves : description.tasks.filter(({ id }) => children.get(id)!.length === 0)
}

function edgesOf(
  task: DescribedTask,
  { tasks, groups }: Description,
  above: ReadonlyMap<string, readonly Edge[]>,
  mappedGroups: ReadonlyMap<string, DescribedGroup>,
): readonly Edge[] {
  const found = new Map<string, readonly string[] | null>()
  const add = (from: string, name: string | null) => {
    const cases = found.get(from)
    // Whatever leads here without a case leads here always.
    found.set(from, name === null || cases === null ? null : [...(cases ?? []), name])
  }
  for (const target of task.upstream) {
    const [from = '', name = null] = target.split(':')
    if (from.startsWith('@')) for (const leaf of leavesOf(from.slice(1), tasks, above)) add(leaf, null)
    else add(from, name)
  }
  if (task.kind === 'work') {
    for (const setup of task.teardownOf) add(setup, null)
    if (task.map?.over) add(task.map.over, null)
  }
  const group = mappedGroups.get(task.id)
  const isRoot = ![...found.keys()].some((from) => mappedGroups.get(from) === group)
  if (group?.map?.over && isRoot) add(group.map.over, null)
  if (groups.some(({ path }) => path === task.id)) throw new Error(`${task.id} names a task and a group`)
  return [...found].map(([from, cases]) => ({ from, cases }))
}

/** What comes after a group comes after these: the last of its tasks, teardowns aside. */
function leavesOf(
  path: string,
  tasks: readonly DescribedTask[],
  above: ReadonlyMap<string, readonly Edge[]>,
): readonly string[] {
  const members = tasks.filter(({ group }) => isWithin(group, path))
  const followers = (id: string) =>
    members.filter((member) => above.get(member.id)?.some(({ from }) => from === id))
  const before = (id: string) =>
    members.filter((member) => above.get(id)!.some(({ from }) => from === member.id))
  // In place of a teardown that nothing follows stands what it follows itself, unless other work follows that.
  const inPlaceOf = (teardown: string): readonly DescribedTask[] =>
    before(teardown).flatMap((task) => {
      if (isTeardown(task)) return inPlaceOf(task.id)
      return isSetup(task) || !followers(task.id).every(isTeardown) ? [] : [task]
    })
  const last = members.filter(({ id }) => followers(id).length === 0)
  const leaves = last.flatMap((task) => (isTeardown(task) ? inPlaceOf(task.id) : [task]))
  const found =
    leaves.length > 0
      ? leaves
      : members.filter((task) => isSetup(task) && followers(task.id).every(isTeardown))
  return [...new Set(found.map(({ id }) => id))]
}

type Known = Pick<Structure, 'tasks' | 'edges' | 'children' | 'below'>

/** Setups further above whose teardown, if there is one, is still to come. */
function setupsOf(task: DescribedTask, { tasks, edges, children, below }: Known): readonly string[] {
  if (isTeardown(task)) return []
  return [...tasks.values()]
    .filter((setup) => {
      if (!isSetup(setup) || !below.get(setup.id)!.has(task.id)) return false
      if (edges.get(task.id)!.some(({ from }) => from === setup.id)) return false
      const teardowns = children.get(setup.id)!.filter((child) => isTeardown(tasks.get(child)!))
      return teardowns.length === 0 || teardowns.some((teardown) => below.get(task.id)!.has(teardown))
    })
    .map(({ id }) => id)
}
