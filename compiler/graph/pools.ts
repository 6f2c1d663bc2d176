import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import type { Mapping } from '../../dsl/mapping.ts'
import { Bits } from './bits.ts'
import { topologicalOrder } from './order.ts'
import type { Units } from './units.ts'

type Upstream = ReadonlyMap<string, ReadonlySet<string>>

/** What the schedule adds for pools, and an order that runs every task after all that it waits for. */
export interface PoolSchedule {
  readonly order: readonly string[]
  /** Tasks that a task waits for only because they hold slots that it needs. */
  readonly waits: Upstream
}

/**
 * Makes tasks of a pool follow each other such that no more than its slots are taken at once. Every slot is a lane that
 * tasks pass through one after the other; a task takes lanes of tasks that it comes after anyway where there are such.
 * A mapped group takes lanes as a whole, and its tasks share those of their instance.
 */
export function poolSchedule(definition: DagDefinition, upstream: Upstream, units: Units): PoolSchedule {
  const tasks = new Map(definition.tasks.map((task) => [task.id, task]))
  const groups = new Map(definition.groups.map((group) => [group.path, group]))
  const waits = new Map<string, Set<string>>()
  const between = sweep(
    topologicalOrder(units.ids, units.upstream),
    units.upstream,
    definition.pools,
    (unit) => {
      const members = (units.members.get(unit) ?? []).flatMap((id) => tasks.get(id) ?? [])
      const mapping = groups.get(unit)?.mapping ?? null
      return mapping ? groupNeeds(members, mapping, definition.pools) : needsOf(members[0], 1)
    },
  )
  const order = between.order.flatMap((unit) => {
    const members = units.members.get(unit) ?? []
    const mapping = groups.get(unit)?.mapping ?? null
    if (mapping === null) return members
    const own = new Set(members)
    const inside = new Map(
      members.map((id) => [id, new Set([...(upstream.get(id) ?? [])].filter((source) => own.has(source)))]),
    )
    const lanes = Object.fromEntries(
      Object.entries(definition.pools).map(([name, slots]) => [name, lanesOfInstance(slots, mapping)]),
    )
    const inner = sweep(topologicalOrder(members, inside), inside, lanes, (id) => needsOf(tasks.get(id), 1))
    for (const [id, sources] of inner.waits) waits.set(id, new Set(sources))
    return inner.order
  })
  for (const [unit, sources] of between.waits) {
    const from = [...sources].flatMap((source) => units.members.get(source) ?? [])
    for (const id of units.members.get(unit) ?? []) {
      const own = waits.get(id) ?? new Set()
      for (const source of from) own.add(source)
      waits.set(id, own)
    }
  }
  return { order, waits }
}

type Needs = ReadonlyMap<string, number>

/** Lanes of each pool that a task takes; a mapped one for all instances that work at once. */
function needsOf(task: TaskDefinition | undefined, instances: number): Needs {
  if (!task?.pool) return new Map()
  const own = task.kind === 'step' ? (task.mapping?.maxConcurrent ?? 1) : 1
  return new Map([[task.pool.name, task.pool.slots * own * instances]])
}

/** Lanes that the instances of a mapped group take together. */
function groupNeeds(
  members: readonly TaskDefinition[],
  mapping: Mapping,
  pools: Readonly<Record<string, number>>,
): Needs {
  const used = new Set(members.flatMap(({ pool }) => pool?.name ?? []))
  return new Map(
    [...used].map((name) => {
      const slots = pools[name] ?? 1
      return [name, lanesOfInstance(slots, mapping) * (mapping.maxConcurrent ?? 1)]
    }),
  )
}

function lanesOfInstance(slots: number, { maxConcurrent }: Mapping): number {
  return Math.max(1, Math.floor(slots / (maxConcurrent ?? 1)))
}

interface Lane {
  /** Position in the order of what holds it; -1 while nobody did. */
  holder: number
}

/** Gives out lanes in order: what comes later in it only ever waits for what comes earlier. */
function sweep(
  order: readonly string[],
  upstream: Upstream,
  pools: Readonly<Record<string, number>>,
  needs: (id: string) => Needs,
): PoolSchedule {
  const waits = new Map<string, ReadonlySet<string>>()
  if (order.every((id) => needs(id).size === 0)) return { order, waits }
  const position = new Map(order.map((id, index) => [id, index]))
  const lanes = new Map(
    Object.entries(pools).map(([name, slots]) => [
      name,
      Array.from({ length: slots }, (): Lane => ({ holder: -1 })),
    ]),
  )
  const ancestors: Bits[] = []
  for (const [index, id] of order.entries()) {
    const above = new Bits(order.length)
    const comeAfter = (source: number) => {
      above.add(source)
      above.addAll(ancestors[source] ?? new Bits(0))
    }
    for (const source of upstream.get(id) ?? []) comeAfter(position.get(source) ?? 0)
    const added = new Set<number>()
    for (const [pool, count] of needs(id)) {
      // Lanes of what it comes after anyway, then free ones, then those that were taken longest ago.
      const rank = ({ holder }: Lane) => (holder === -1 ? -1 : above.has(holder) ? -2 - holder : holder)
      const taken = (lanes.get(pool) ?? []).toSorted((a, b) => rank(a) - rank(b)).slice(0, count)
      for (const lane of taken) {
        if (lane.holder !== -1 && !above.has(lane.holder)) added.add(lane.holder)
        lane.holder = index
      }
    }
    for (const source of added) comeAfter(source)
    ancestors[index] = above
    if (added.size > 0) waits.set(id, new Set([...added].map((source) => order[source] ?? '')))
  }
  return { order, waits }
}
