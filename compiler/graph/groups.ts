import { pathsAround, type AfterNode, type GroupDefinition } from '../../dsl/task.ts'
import type { TaskDefinition } from '../../dsl/index.ts'
import type { Edge } from './graph.ts'
import { indexBy } from './index-by.ts'

/** The tasks of a group that others come after, and those that come first in it. */
export interface GroupEnds {
  readonly leaves: readonly string[]
  readonly roots: readonly string[]
}

/** Whether a task stands in a group or in a group within it. */
function isIn(path: string | null, group: string): boolean {
  return path === group || (path?.startsWith(`${group}.`) ?? false)
}

/**
 * Leaves and roots of every group, by path. Inner groups come first, since coming after a group inside a group is an
 * edge of the outer one. Airflow's rule: a leaf is no teardown; behind a teardown stand the tasks that it follows.
 */
export function groupEnds(
  tasks: readonly TaskDefinition[],
  groups: readonly GroupDefinition[],
  edges: readonly Edge[],
): ReadonlyMap<string, GroupEnds> {
  const incoming = indexBy(edges, ({ to }) => to)
  const members = insideOf(tasks, ({ group }) => group)
  const groupsIn = insideOf(groups, ({ path }) => path)
  const ends = new Map<string, GroupEnds>()
  const depth = ({ path }: GroupDefinition) => path.split('.').length
  for (const { path } of groups.toSorted((a, b) => depth(b) - depth(a))) {
    const own = members.get(path) ?? []
    const inner = (groupsIn.get(path) ?? []).filter((group) => group.path !== path)
    const ids = new Set(own.map(({ id }) => id))
    const pairs = own.flatMap(({ id }) => (incoming.get(id) ?? []).filter(({ from }) => ids.has(from)))
    const behind = (after: readonly AfterNode[], to: readonly string[]) => {
      for (const node of after) {
        if (node.kind === 'group' && !isIn(node.id, path)) continue
        const sources = node.kind === 'group' ? (ends.get(node.id)?.leaves ?? []) : [node.id]
        for (const from of sources.filter((id) => ids.has(id)))
          pairs.push(...to.map((each) => ({ from, to: each, kind: 'after' as const })))
      }
    }
    for (const task of own) behind(task.after, [task.id])
    for (const group of inner) behind(group.after, ends.get(group.path)?.roots ?? [])
    ends.set(path, endsOf(own, pairs))
  }
  return ends
}

function endsOf(members: readonly TaskDefinition[], pairs: readonly Edge[]): GroupEnds {
  const byId = new Map(members.map((task) => [task.id, task]))
  const outgoing = indexBy(pairs, ({ from }) => from)
  const incoming = indexBy(pairs, ({ to }) => to)
  const isTeardown = (id: string) => byId.get(id)?.teardown !== null
  const isSetup = (id: string) => byId.get(id)?.setup === true
  const hasWorkBehind = (id: string) => (outgoing.get(id) ?? []).some(({ to }) => !isTeardown(to))
  const behindTeardown = (teardown: string): readonly string[] =>
    (incoming.get(teardown) ?? []).flatMap(({ from }) => {
      if (isTeardown(from)) return behindTeardown(from)
      return isSetup(from) || hasWorkBehind(from) ? [] : [from]
    })
  const ids = members.map(({ id }) => id)
  const last = ids.filter((id) => !outgoing.has(id))
  const ends = new Set(last.flatMap((id) => (isTeardown(id) ? behindTeardown(id) : [id])))
  // Where there is nothing but setups and their teardowns, the setups are what can be waited for.
  const leaves = ends.size > 0 ? ends : new Set(ids.filter((id) => !isTeardown(id) && !hasWorkBehind(id)))
  return {
    leaves: ids.filter((id) => leaves.has(id)),
    roots: ids.filter((id) => !incoming.has(id)),
  }
}

/** Items by the path of each group around them; `home` is the group that one is in, or is itself. */
function insideOf<Item>(
  items: readonly Item[],
  home: (item: Item) => string | null,
): ReadonlyMap<string, readonly Item[]> {
  const inside = new Map<string, Item[]>()
  for (const item of items) {
    for (const path of pathsAround(home(item))) {
      const list = inside.get(path)
      if (list) list.push(item)
      else inside.set(path, [item])
    }
  }
  return inside
}
