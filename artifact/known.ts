/** How a task ended in an earlier execution of its run. */
export type KnownState = 'success' | 'skipped' | 'cancelled'

/** Instances of one mapped task that have ended: those from 0 on but for some. */
interface KnownInstances {
  /** One more than the last index that has ended. */
  readonly count: number
  /** Indexes below that run again. */
  readonly again: readonly number[]
  /** Indexes that skipped by themselves; all others succeeded. */
  readonly skipped: readonly number[]
}

/** What the run argument says of earlier executions; docs/architecture.md, "Run argument". */
export interface Known {
  /** By `<task>/<map index>`, or by the id of a mapped task as a whole. */
  readonly known: Readonly<Record<string, KnownState>>
  /** By the id of a mapped task. @default absent where nothing is mapped */
  readonly instances?: Readonly<Record<string, KnownInstances>>
}

/**
 * Puts the instances of mapped tasks together: a thousand of them one by one would fill the argument, and the memory of
 * every call that is told of the run.
 */
export function knownArgument(states: Readonly<Record<string, KnownState>>): Known {
  const ends = new Map<string, Map<number, KnownState>>()
  for (const [name, state] of Object.entries(states)) {
    const [task = '', index] = name.split('/')
    if (index === undefined || state === 'cancelled') continue
    const own = ends.get(task) ?? new Map<number, KnownState>()
    ends.set(task, own.set(Number(index), state))
  }
  const many = [...ends].filter(([, own]) => Math.max(...own.keys()) > 0)
  if (many.length === 0) return { known: states }
  const together = new Set(many.map(([task]) => task))
  const single = Object.entries(states).filter(([name, state]) => {
    const [task = '', index] = name.split('/')
    return index === undefined || state === 'cancelled' || !together.has(task)
  })
  return {
    known: Object.fromEntries(single),
    instances: Object.fromEntries(many.map(([task, own]) => [task, instancesOf(own)])),
  }
}

function instancesOf(own: ReadonlyMap<number, KnownState>): KnownInstances {
  const count = Math.max(...own.keys()) + 1
  const indexes = Array.from({ length: count }, (_, index) => index)
  return {
    count,
    again: indexes.filter((index) => !own.has(index)),
    skipped: indexes.filter((index) => own.get(index) === 'skipped'),
  }
}
