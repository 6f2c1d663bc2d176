import {
  isSetup,
  isTeardown,
  type DescribedTask,
  type Description,
  type InstanceEnd,
  type Outcome,
  type RuleName,
  type State,
  type WorkTask,
} from './description.ts'
import { excludedBy, runState, work } from './oracle.ts'
import { applyExpansion, applyRule, applySetups, count, type Counts, type Verdict } from './rules.ts'
import { structureOf, type Structure } from './structure.ts'

/**
 * Airflow's scheduler, which decides as soon as a rule allows, so that the result may depend on what ends first. Every
 * order is possible: ticks come at any time, and a queued task may wait as long as it likes before it starts.
 */
export interface AirflowOptions {
  /** `early`: as Airflow. `patient`: a check skips a task once no other one can say that it failed. */
  readonly skips: 'early' | 'patient'
  /** Situations looked at before giving up. @default 200,000 */
  readonly most?: number
}

/** One letter an instance: `.` undecided, `q` queued, `r` running, and the states. A mapped task may grow. */
type Situation = readonly string[]

const finals: Readonly<Record<string, State>> = {
  S: 'success',
  F: 'failed',
  U: 'upstream_failed',
  K: 'skipped',
}
const letters: Readonly<Record<State, string>> = {
  success: 'S',
  failed: 'F',
  upstream_failed: 'U',
  skipped: 'K',
}

/** Mapped groups are left out: what Airflow does with a group that was not expanded is not documented. */
export function canExplore(description: Description): boolean {
  return description.groups.every(({ map }) => map === null)
}

/** Tasks that a rule lets run before the list that they are repeated over is made: Airflow cannot expand them then. */
export function startsBeforeItsList(description: Description): readonly string[] {
  const { edges, suppliers } = structureOf(description)
  return description.tasks
    .filter(
      ({ id, rule }) => earlyRules.has(rule) && suppliers.get(id)!.length > 0 && edges.get(id)!.length > 1,
    )
    .map(({ id }) => id)
}

/** Rules that let a task run while others above it have not ended; `always` is never one of a mapped task. */
export const earlyRules: ReadonlySet<RuleName> = new Set(['one_success', 'one_failed', 'one_done', 'always'])

/** Every outcome that Airflow can come to, or null where there are too many situations to look at. */
export function reachableOutcomes(
  description: Description,
  options: AirflowOptions,
): readonly Outcome[] | null {
  const walk = new Walk(description, options, null)
  return walk.run() ? walk.outcomes : null
}

/** Whether Airflow can come to an outcome; null where that was not found out. */
export function isReachable(
  description: Description,
  outcome: Outcome,
  options: AirflowOptions,
): boolean | null {
  const walk = new Walk(description, options, outcome)
  const finished = walk.run()
  return walk.outcomes.length > 0 ? true : finished ? false : null
}

class Walk {
  readonly outcomes: Outcome[] = []
  readonly #structure: Structure
  readonly #tasks: readonly DescribedTask[]
  readonly #position: ReadonlyMap<string, number>
  /** Tasks that a branch or a short circuit can skip; for the others it makes no difference when they start. */
  readonly #skippable: ReadonlySet<string>
  readonly #options: AirflowOptions
  readonly #wanted: Situation | null
  readonly #seen = new Set<string>()

  constructor(description: Description, options: AirflowOptions, wanted: Outcome | null) {
    this.#structure = structureOf(description)
    this.#tasks = description.tasks
    this.#position = new Map(description.tasks.map(({ id }, index) => [id, index]))
    this.#options = options
    this.#skippable = new Set(
      description.tasks.flatMap((task) =>
        task.kind === 'branch' || task.kind === 'short_circuit'
          ? [...excludedBy(task, 0, this.#structure)]
          : [],
      ),
    )
    this.#wanted =
      wanted && this.#tasks.map(({ id }) => wanted.tasks[id]!.map(({ state }) => letters[state]).join(''))
  }

  /** False where it gave up. */
  run(): boolean {
    const stack: Situation[] = [this.#tasks.map(() => '.')]
    for (let situation = stack.pop(); situation !== undefined; situation = stack.pop()) {
      const key = situation.join()
      if (this.#seen.has(key) || !this.#leadsToWanted(situation)) continue
      this.#seen.add(key)
      if (this.#seen.size > (this.#options.most ?? 200_000)) return false
      const next = this.#next(situation)
      if (next.length === 0) {
        this.outcomes.push(this.#outcome(situation))
        if (this.#wanted) return true
      }
      stack.push(...next)
    }
    return true
  }

  #next(situation: Situation): readonly Situation[] {
    const ticked = this.#tick(situation).filter((next) => next.join() !== situation.join())
    const moved = this.#tasks.flatMap((task, at) =>
      situation[at]!.split('').flatMap((letter, index) => {
        if (letter === 'q') return [replaced(situation, at, index, 'r')]
        return letter === 'r' ? [this.#finish(situation, task, at, index)] : []
      }),
    )
    // What is looked for is found sooner when as much as possible ends before the scheduler looks again.
    return [...ticked, ...moved]
  }

  /** A wrong final state stays wrong, unless a skip can still replace it. */
  #leadsToWanted(situation: Situation): boolean {
    const wanted = this.#wanted
    if (wanted === null) return true
    return situation.every((own, at) => {
      const target = wanted[at]!
      // What never ran is one instance to us, however many Airflow has made of it by then.
      const fits = own.length === target.length || target.length === 1 || own.length === 1
      return (
        fits &&
        own.split('').every((letter, index) => this.#canBecome(letter, target[index] ?? target[0]!, at))
      )
    })
  }

  #canBecome(letter: string, target: string, at: number): boolean {
    if (!Object.hasOwn(finals, letter) || letter === target) return true
    return letter === 'U' && target === 'K' && this.#skippable.has(this.#tasks[at]!.id)
  }

  /** The scheduler looks at everything undecided at once, all on the same snapshot. */
  #tick(situation: Situation): readonly Situation[] {
    return this.#tasks.reduce<readonly Situation[]>(
      (situations, task, at) => {
        const own = situation[at]!
        if (!own.startsWith('.')) return situations
        const verdicts = this.#decide(task, situation)
        return verdicts.flatMap((verdict) =>
          situations.map((next) => next.with(at, this.#decided(task, own, verdict))),
        )
      },
      [situation],
    )
  }

  #decided(task: DescribedTask, own: string, verdict: Verdict): string {
    if (verdict === 'wait') return own
    if (verdict !== 'run') return letters[verdict]
    const begun = this.#skippable.has(task.id) ? 'q' : 'r'
    const length = task.kind === 'work' ? (task.map?.length ?? 1) : 1
    return length === 0 ? 'K' : begun.repeat(length)
  }

  #finish(situation: Situation, task: DescribedTask, at: number, index: number): Situation {
    const end = task.kind === 'work' ? work(task, index).state : 'success'
    const ended = replaced(situation, at, index, letters[end])
    if (task.kind !== 'branch' && task.kind !== 'short_circuit') return ended
    const skipped = excludedBy(task, 0, this.#structure)
    return ended.map((own, other) => {
      if (!skipped.has(this.#tasks[other]!.id)) return own
      // An unexpanded placeholder is one instance; what runs or has run is left alone.
      return own
        .split('')
        .map((letter) => (/[rSF]/.test(letter) ? letter : 'K'))
        .join('')
    })
  }

  /** Checks of different kinds come in no defined order, so that the first to end a task may be either. */
  #decide(task: DescribedTask, situation: Situation): readonly Verdict[] {
    const { tasks, edges, setups, suppliers } = this.#structure
    const above = edges.get(task.id)!.map(({ from }) => from)
    if (above.length === 0 || task.rule === 'always') return ['run']
    const rule = isTeardown(task) ? 'all_done_setup_success' : task.rule
    const own = above.filter((id) => isSetup(tasks.get(id)!))
    const seen = [suppliers.get(task.id)!, setups.get(task.id)!, above].map((ids) =>
      this.#count(ids, situation),
    )
    const [supplied, needed, ruled] = [
      applyExpansion(seen[0]!),
      applySetups(seen[1]!),
      applyRule(rule, seen[2]!, this.#count(own, situation)),
    ]
    // Setups are looked at first within the check of the rule.
    const checked = isEnd(needed) ? needed : ruled
    const ends = [supplied, checked].filter(isEnd)
    if (this.#options.skips === 'patient') {
      if ([supplied, needed, ruled].includes('upstream_failed')) return ['upstream_failed']
      if (ends.length > 0 && seen.some(({ O }) => O > 0)) return ['wait']
    }
    if (ends.length > 0) return [...new Set(ends)]
    if ([needed, ruled].includes('wait')) return ['wait']
    // A list that has not been made yet holds nobody up: the task is to run, and cannot be expanded.
    if (supplied === 'wait') return [this.#options.skips === 'early' ? 'upstream_failed' : 'wait']
    return [isTeardown(task) && this.#isScopeOpen(task, situation) ? 'wait' : 'run']
  }

  /** Whether anything between its setups and a teardown has not ended. */
  #isScopeOpen(teardown: WorkTask, situation: Situation): boolean {
    const { below } = this.#structure
    const scope = teardown.teardownOf.flatMap((setup) => [...below.get(setup)!])
    const between = scope.filter((id) => below.get(id)!.has(teardown.id))
    return this.#count(between, situation).O > 0
  }

  #count(ids: readonly string[], situation: Situation): Counts {
    return count(
      ids.flatMap((id) =>
        situation[this.#position.get(id)!]!.split('').map((letter) => finals[letter] ?? null),
      ),
    )
  }

  #outcome(situation: Situation): Outcome {
    const ended = new Map(
      this.#tasks.map((task, at) => [
        task.id,
        situation[at]!.split('').map((letter, index): InstanceEnd => {
          const state = finals[letter]
          if (state === undefined) throw new Error(`${task.id} never ends`)
          // A task that ran and skipped itself cannot be told from one that was skipped by its letter alone.
          const ran = state === 'success' || state === 'failed'
          return { state, tries: ran ? (task.kind === 'work' ? work(task, index).tries : 1) : 0 }
        }),
      ]),
    )
    return { run: runState(this.#structure, ended), tasks: Object.fromEntries(ended) }
  }
}

function isEnd(verdict: Verdict): boolean {
  return verdict === 'upstream_failed' || verdict === 'skipped'
}

function replaced(situation: Situation, at: number, index: number, letter: string): Situation {
  return situation.with(at, `${situation[at]!.slice(0, index)}${letter}${situation[at]!.slice(index + 1)}`)
}
