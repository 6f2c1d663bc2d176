import { namesOf } from '../../dsl/tasks/branch.ts'
import { DagError, type BranchTask, type TaskDefinition, type TriggerRule } from '../../dsl/index.ts'
import { declaredOf, type Graph } from './graph.ts'

/** What compiles, yet most likely means something else; it never fails a compile. */
export function warningsOf(graph: Graph): readonly DagError[] {
  return [...alwaysWithUpstream(graph), ...graph.tasks.flatMap((task) => skippedJoins(task, graph))]
}

function alwaysWithUpstream(graph: Graph): readonly DagError[] {
  return graph.tasks.flatMap(({ id, triggerRule, at }) => {
    const upstream = declaredOf(graph, id)
    if (triggerRule !== 'always' || upstream.length === 0) return []
    const hint = "say triggerRule: 'all_done' if it is to run after them, however they end"
    return [
      new DagError('DAG312', `task ${id} has rule always, and comes after ${upstream.join(', ')}`, {
        at,
        hint,
      }),
    ]
  })
}

/** Rules under which one skipped task above is enough to be skipped. */
const skipped: ReadonlySet<TriggerRule> = new Set(['all_success', 'none_skipped', 'all_done_min_one_success'])
/** Rules under which a task is skipped if all tasks above are. */
const skippedWithAll: ReadonlySet<TriggerRule> = new Set(['one_success', 'none_failed_min_one_success'])

/** Tasks that no choice of a branch leaves to run, although each task above may run under some. */
function skippedJoins(branch: TaskDefinition, graph: Graph): readonly DagError[] {
  if (branch.kind !== 'branch') return []
  const all = choicesOf(branch)
  if (all.length < 2) return []
  const runsUnder = new Map<string, ReadonlySet<string>>()
  const cases = caseChildren(branch, graph, all)
  const tasks = new Map(graph.tasks.map((task) => [task.id, task]))
  const found: DagError[] = []
  for (const id of graph.order) {
    const task = tasks.get(id)
    const upstream = declaredOf(graph, id)
    const above = upstream.map((source) => runsUnder.get(source) ?? new Set(all))
    const direct = cases.get(id) ?? new Set(all)
    const byRule = task?.teardown ? new Set(all) : combine(task?.triggerRule ?? 'all_success', above, all)
    const own = new Set(all.filter((choice) => direct.has(choice) && byRule.has(choice)))
    runsUnder.set(id, own)
    if (task === undefined || own.size > 0 || above.some((set) => set.size === 0)) continue
    const narrowed = upstream.filter((_, index) => (above[index]?.size ?? 0) < all.length)
    found.push(
      new DagError(
        'DAG311',
        `task ${id} is always skipped: no choice of branch ${branch.id} runs all of ${narrowed.join(', ')}`,
        { at: task.at, hint: "say triggerRule: 'none_failed_min_one_success' to join what was chosen" },
      ),
    )
  }
  return found
}

/** Sets of cases that a branch may choose, as far as they exclude each other. */
function choicesOf({ choice, otherwise }: BranchTask): readonly string[] {
  const names = namesOf(choice)
  const alone = otherwise !== null && !names.includes(otherwise) ? [otherwise] : []
  // Several conditions may hold at once, and a list may name several cases; `otherwise` is never among them.
  if (choice.kind === 'conditions' || choice.several) return ['', ...alone]
  return [...names, ...alone]
}

/** The choices under which each task right below the branch is not skipped by it. */
function caseChildren(
  branch: BranchTask,
  graph: Graph,
  all: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const choiceOf = (name = '') => (all.includes(name) ? name : '')
  const children = graph.edges.filter(({ kind, from }) => kind === 'case' && from === branch.id)
  const reached = new Map<string, Set<string>>()
  for (const { to, name } of children) reached.set(to, (reached.get(to) ?? new Set()).add(choiceOf(name)))
  const own = new Map([...reached].map(([id]) => [id, new Set<string>()]))
  // A task below a chosen one follows, even if it is also right below the branch.
  const follows = new Map<string, Set<string>>()
  for (const id of graph.order) {
    const above = declaredOf(graph, id).flatMap((source) => [...(follows.get(source) ?? [])])
    const here = new Set([...above, ...(reached.get(id) ?? [])])
    if (here.size > 0) follows.set(id, here)
    if (own.has(id)) for (const choice of here) own.get(id)?.add(choice)
  }
  return own
}

function combine(
  rule: TriggerRule,
  above: readonly ReadonlySet<string>[],
  all: readonly string[],
): ReadonlySet<string> {
  if (skipped.has(rule)) return new Set(all.filter((choice) => above.every((set) => set.has(choice))))
  if (skippedWithAll.has(rule) && above.length > 0)
    return new Set(all.filter((choice) => above.some((set) => set.has(choice))))
  return new Set(all)
}
