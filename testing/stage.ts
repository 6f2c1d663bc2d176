import type { DagDefinition, TaskDefinition } from '../dsl/index.ts'
import type { RunFacts } from './mock.ts'
import type { Call, Outcome } from './outcome.ts'
import type { Script } from './script.ts'

/** One try on its way: how it will end, and when. */
export interface Attempt {
  readonly outcome: Outcome
  readonly delayMs: number
  /** Notes how it ended, and when on the clock where that is not now. */
  readonly end: (how: NonNullable<Call['ended']>, at?: number) => void
}

export interface StageOptions {
  readonly dag: DagDefinition
  readonly script: Script
  readonly run: RunFacts
  /** Whether a task's service is replaced. */
  readonly isMocked: (task: string) => boolean
  readonly now: () => number
}

/** What the mock of a task threw. */
export interface MockFailure {
  readonly task: string
  readonly error: unknown
}

/** Where mocks meet a run: notes each try and says how it ends. */
export class Stage {
  readonly #options: StageOptions
  readonly #tasks: ReadonlyMap<string, TaskDefinition>
  readonly #calls: Call[] = []
  readonly #tries = new Map<string, number>()
  readonly #start: number
  #failure: MockFailure | null = null

  constructor(options: StageOptions) {
    this.#options = options
    this.#tasks = new Map(options.dag.tasks.map((task) => [task.id, task]))
    this.#start = options.now()
  }

  /** Every try that reached a service, in order. */
  get calls(): readonly Call[] {
    return this.#calls
  }

  /** What a mock threw, or why its answer does not fit: the simulation is worth nothing then. */
  get failure(): MockFailure | null {
    return this.#failure
  }

  /** The task, where its service is replaced. */
  mocked(id: string): TaskDefinition | null {
    return this.#options.isMocked(id) ? (this.#tasks.get(id) ?? null) : null
  }

  /** The number of the next try of a task whose service is not told. */
  nextTry(task: string, mapIndex: number): number {
    const key = `${task}/${mapIndex}`
    const number = (this.#tries.get(key) ?? 0) + 1
    this.#tries.set(key, number)
    return number
  }

  /** Milliseconds since the first try of a task. */
  elapsed(task: string): number {
    const first = this.#calls.find((call) => call.task === task)
    return this.#now() - (first?.start ?? this.#now())
  }

  /** A try of a task that runs for real. */
  real(task: string, mapIndex: number, number: number, input: unknown): void {
    this.#calls.push({ task, mapIndex, try: number, input, start: this.#now(), end: null, ended: 'real' })
  }

  async attempt(task: TaskDefinition, mapIndex: number, number: number, input: unknown): Promise<Attempt> {
    const { script, run } = this.#options
    const place = this.#calls.length
    const call: Call = {
      task: task.id,
      mapIndex,
      try: number,
      input,
      start: this.#now(),
      end: null,
      ended: null,
    }
    this.#calls.push(call)
    const outcome = await script
      .outcome({ task, mapIndex, try: number, input, run })
      .catch((error: unknown) => this.#thrown(task.id, error))
    return {
      outcome,
      delayMs: script.delay(task.id, mapIndex),
      end: (ended, at = this.#options.now()) => {
        this.#calls[place] = { ...call, end: at - this.#start, ended }
      },
    }
  }

  #now(): number {
    return this.#options.now() - this.#start
  }

  /** A mock may throw the error of a step; anything else, such as a failed expectation, is the test's. */
  #thrown(task: string, error: unknown): Outcome {
    if (isStepError(error)) {
      const { code, message, retryable } = error
      return { kind: 'error', code, message, retryable }
    }
    this.#failure ??= { task, error }
    return { kind: 'error', code: 'mock_failed', message: String(error), retryable: false }
  }
}

interface StepFailure extends Error {
  readonly code: string
  readonly retryable: boolean
}

function isStepError(error: unknown): error is StepFailure {
  return error instanceof Error && error.name === 'StepError' && 'code' in error && 'retryable' in error
}

/** How a call that ended so is noted. */
export function endOf({ kind }: Outcome): NonNullable<Call['ended']> {
  switch (kind) {
    case 'answer':
      return 'success'
    case 'skip':
      return 'skipped'
    case 'error':
      return 'failed'
    case 'time_out':
      return 'timed_out'
  }
}
