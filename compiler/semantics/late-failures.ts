import type { TriggerRule } from '../../dsl/index.ts'
import type { FinalState } from './rules.ts'
import type { OrderedGraph } from './descent.ts'

/**
 * A graph as far as the order of decisions goes. Airflow's scheduler looks again and again: what is skipped without
 * running is skipped at the look that shows why, while a task that a look lets run has ended by the next one at the earliest.
 */
export interface DecisionGraph extends OrderedGraph {
  readonly ruleOf: (id: string) => TriggerRule | 'teardown'
  /** What else it needs: setups further above, and what gives it its lists. */
  readonly neededBy: (id: string) => readonly string[]
  /** Of those the ones of which a skipped one skips it: not mapped tasks that give a list, whose gaps are kept. */
  readonly skippedWith: (id: string) => readonly string[]
  /** Branches and short circuits that may exclude it. */
  readonly excludedBy: (id: string) => readonly string[]
  /** In a mapped group, where Airflow decides by index and a look later. */
  readonly isApart: (id: string) => boolean
  /** Repeated over a list that is written in the DAG and empty. */
  readonly isNothing: (id: string) => boolean
}

/** Something that a run knows of a task above. */
export type Fact =
  | { readonly kind: 'in' | 'not_in'; readonly task: string; readonly states: readonly FinalState[] }
  | { readonly kind: 'excluded'; readonly task: string; readonly by: string }

/** When a task does not see the failure of one above it: where all facts of one of these hold. */
export interface LateFailure {
  readonly failed: readonly (readonly Fact[])[]
  readonly upstreamFailed: readonly (readonly Fact[])[]
}

/** By task, and by task above it. */
export type LateFailures = ReadonlyMap<string, ReadonlyMap<string, LateFailure>>

const failures: readonly FinalState[] = ['failed', 'upstream_failed']

/** Rules that skip as soon as one task above is in one of these states. */
const skipsOn: Readonly<Partial<Record<TriggerRule | 'teardown', readonly FinalState[]>>> = {
  all_success: ['skipped'],
  all_failed: ['success', 'skipped'],
  all_done_min_one_success: ['skipped'],
  all_skipped: ['success', ...failures],
  none_skipped: ['skipped'],
}

/** Rules that skip by the states of all tasks above: as soon as the only one is in one of these. */
const skipsOnOnly: typeof skipsOn = {
  one_success: ['skipped'],
  one_failed: ['success', 'skipped'],
  one_done: ['upstream_failed', 'skipped'],
  none_failed_min_one_success: ['skipped'],
}

/** Rules that fail a task as soon as one above has failed. */
export const failsAtOnce: ReadonlySet<TriggerRule | 'teardown'> = new Set([
  'all_success',
  'none_failed',
  'none_failed_min_one_success',
])

/** Rules that let a task run before everything above has ended. */
const runsEarly: ReadonlySet<TriggerRule | 'teardown'> = new Set(['one_success', 'one_failed', 'one_done'])

/**
 * A failure wins over a skip wherever Airflow may see it first. These are the failures that it never sees in time: in
 * whatever order tasks end, something above has skipped the task before.
 */
export function lateFailures(graph: DecisionGraph): LateFailures {
  const isPlain = graph.order.every(
    (id) => graph.ruleOf(id) === 'all_success' && graph.excludedBy(id).length === 0 && !graph.isNothing(id),
  )
  // Below a skipped task nothing runs then.
  if (isPlain) return new Map()
  const orders = new Orders(graph)
  return new Map(
    graph.order.flatMap((id) => {
      const late = lateAbove(id, graph, orders)
      return late.size > 0 ? [[id, late] as const] : []
    }),
  )
}

function lateAbove(id: string, graph: DecisionGraph, orders: Orders): ReadonlyMap<string, LateFailure> {
  const rule = graph.ruleOf(id)
  if (rule === 'always' || rule === 'teardown' || graph.isApart(id)) return new Map()
  const failing = [...graph.neededBy(id), ...(failsAtOnce.has(rule) ? (graph.declared.get(id) ?? []) : [])]
  const skips = skipsOf(id, graph)
  return new Map(
    [...new Set(failing)].flatMap((failure) => {
      if (graph.isApart(failure)) return []
      const others = skips.filter(({ task }) => task !== failure)
      const reasons = others.flatMap((skip) => reasonsFor(skip, failure, graph, orders))
      const late = {
        failed: unique(reasons.flatMap(({ failed }) => failed)),
        upstreamFailed: unique(reasons.flatMap(({ upstreamFailed }) => upstreamFailed)),
      }
      return late.failed.length + late.upstreamFailed.length > 0 ? [[failure, late] as const] : []
    }),
  )
}

/** A task above whose state may skip another one at once. */
interface Skip {
  readonly task: string
  readonly states: readonly FinalState[]
}

function skipsOf(id: string, graph: DecisionGraph): readonly Skip[] {
  const rule = graph.ruleOf(id)
  if (rule === 'always' || rule === 'teardown') return []
  const direct = graph.declared.get(id) ?? []
  const needed = graph.skippedWith(id)
  const above = [...new Set([...direct, ...graph.neededBy(id)])]
  const own = skipsOn[rule] ?? (above.length === 1 ? skipsOnOnly[rule] : undefined) ?? []
  return above.flatMap((task) => {
    const states = new Set([
      ...(direct.includes(task) ? own : []),
      ...(needed.includes(task) ? (['skipped'] as const) : []),
    ])
    return states.size > 0 && !graph.isApart(task) ? [{ task, states: [...states] }] : []
  })
}

/** Ways in which a skip comes before a failure: by itself, by what excluded it, or by what its own rule skipped it for. */
function reasonsFor(
  { task, states }: Skip,
  failure: string,
  graph: DecisionGraph,
  orders: Orders,
): readonly LateFailure[] {
  const seen: Fact = { kind: 'in', task, states }
  const own = orders.late(failure, task, 1, [seen], states)
  if (!states.includes('skipped')) return [own]
  const skipped: Fact = { kind: 'in', task, states: ['skipped'] }
  if (graph.isNothing(task) && (graph.declared.get(task) ?? []).length === 0) {
    return [{ failed: [[skipped]], upstreamFailed: [[skipped]] }]
  }
  const deciders = graph.excludedBy(task).filter((by) => !graph.isApart(by))
  return [
    own,
    ...deciders.map((by) => orders.late(failure, by, 1, [{ kind: 'excluded', task, by }], ['success'])),
    ...skipsOf(task, graph).map((cause) =>
      orders.late(
        failure,
        cause.task,
        2,
        [skipped, { kind: 'in', task: cause.task, states: cause.states }],
        cause.states,
      ),
    ),
  ]
}

function unique(alternatives: readonly (readonly Fact[])[]): readonly (readonly Fact[])[] {
  const texts = alternatives.map((facts) => new Set(facts.map((fact) => JSON.stringify(fact))))
  // What another one says with fewer facts says nothing new.
  return alternatives.filter(
    (_, index) =>
      !texts.some(
        (other, position) =>
          position !== index &&
          (other.size < texts[index]!.size || (other.size === texts[index]!.size && position < index)) &&
          [...other].every((fact) => texts[index]!.has(fact)),
      ),
  )
}

/** How many looks, at the least, one task ends after another: in every order that Airflow can come to. */
class Orders {
  readonly #graph: DecisionGraph
  readonly #position: ReadonlyMap<string, number>
  /** By question, and by the two tasks and the looks. */
  readonly #known = Array.from({ length: 8 }, () => new Map<number, boolean>())

  constructor(graph: DecisionGraph) {
    this.#graph = graph
    this.#position = new Map(graph.order.map((id, index) => [id, index]))
  }

  /** Where `given` holds, when a failure comes so many looks after `other`, which ended in one of `states`. */
  late(
    failure: string,
    other: string,
    looks: number,
    given: readonly Fact[],
    states: readonly FinalState[],
  ): LateFailure {
    if (failure === other) return { failed: [], upstreamFailed: [] }
    const lost = !states.includes('success')
    const ran = this.#ranAfter(failure, other, looks, lost)
    const fails = failures.some((state) => states.includes(state))
    const mayFail = this.#mayFail(failure, other, lost, fails)
    const facts = mayFail ? this.#failedAfter(failure, other, looks) : null
    return {
      failed: ran ? [given] : [],
      upstreamFailed: facts === null ? [] : [[...given, ...facts]],
    }
  }

  /** What has to be known of the tasks above one that is upstream_failed; null where none of them fails late enough. */
  #failedAfter(id: string, other: string, looks: number): readonly Fact[] | null {
    const above = this.#above(id).map((task) => ({
      task,
      states: failures.filter((state) =>
        state === 'failed'
          ? !this.#ranAfter(task, other, looks - 1, false)
          : !this.#anyFailsAfter(task, other, looks - 1),
      ),
    }))
    if (above.every(({ states }) => states.length === failures.length)) return null
    return above.flatMap(({ task, states }) => (states.length > 0 ? [{ kind: 'not_in', task, states }] : []))
  }

  #above(id: string): readonly string[] {
    const direct = this.#graph.declared.get(id) ?? []
    const needed = this.#graph.neededBy(id)
    return needed.length === 0 ? direct : [...new Set([...direct, ...needed])]
  }

  /** Of a task that ran. `lost`: what stands behind `all_success` below `other` did not run. */
  #ranAfter(id: string, other: string, looks: number, lost: boolean): boolean {
    return this.#once(lost ? 0 : 1, id, other, looks, (above, rule) => {
      if (rule === 'always') return false
      if (runsEarly.has(rule)) return above.every((task) => this.#endsAfter(task, other, looks - 1))
      if (rule !== 'all_success') return above.some((task) => this.#endsAfter(task, other, looks - 1))
      return above.some((task) => !(lost && task === other) && this.#ranAfter(task, other, looks - 1, lost))
    })
  }

  /** However it ends: because of the first task above it, or at once with what excludes it. */
  #endsAfter(id: string, other: string, looks: number): boolean {
    return this.#once(
      2,
      id,
      other,
      looks,
      (above, rule) =>
        rule !== 'always' &&
        this.#graph.excludedBy(id).every((by) => this.#endsAfter(by, other, looks)) &&
        above.every((task) => this.#endsAfter(task, other, looks - 1)),
    )
  }

  /** Whichever task above failed first. */
  #anyFailsAfter(id: string, other: string, looks: number): boolean {
    return this.#once(3, id, other, looks, (above) =>
      above.every(
        (task) =>
          this.#ranAfter(task, other, looks - 1, false) && this.#anyFailsAfter(task, other, looks - 1),
      ),
    )
  }

  /** Whether it can fail at all because of `other`, where that `fails`, or of something between. */
  #mayFail(id: string, other: string, lost: boolean, fails: boolean): boolean {
    if (id === other) return fails
    const question = fails ? (lost ? 6 : 7) : lost ? 4 : 5
    return this.#once(question, id, other, 1, (above) =>
      above.some(
        (task) =>
          (task !== other && this.#ranAfter(task, other, 0, lost)) || this.#mayFail(task, other, lost, fails),
      ),
    )
  }

  /** What cannot be below `other` by its place in the order is no further looked at, nor is anything twice. */
  #once(
    question: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7,
    id: string,
    other: string,
    looks: number,
    answer: (above: readonly string[], rule: TriggerRule | 'teardown') => boolean,
  ): boolean {
    if (id === other) return looks <= 0
    const [at, from] = [this.#position.get(id)!, this.#position.get(other)!]
    if (at < from) return false
    const known = this.#known[question]!
    const key = (at * this.#position.size + from) * 3 + Math.max(0, looks)
    const found = known.get(key)
    if (found !== undefined) return found
    const above = this.#above(id)
    const answered = above.length > 0 && answer(above, this.#graph.ruleOf(id))
    known.set(key, answered)
    return answered
  }
}
