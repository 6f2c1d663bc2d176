import { setMaxListeners } from 'node:events'
import { asRaised, RaisedError, resourceLimitError, systemError, timeoutError } from './errors.ts'
import { LIMITS } from './limits.ts'
import { executionError } from './outcome.ts'
import { seededRandom, seedFromText } from './random.ts'
import { chooseReadings } from './readings.ts'
import { Recorder } from './recorder.ts'
import { Scheduler } from './scheduler.ts'
import { BranchSlots } from './slots.ts'
import { mapOf } from './value.ts'
import type { FunctionContext } from '../stdlib/function.ts'
import type { Execution, ExecutionOptions, ExecutionOutcome } from './execution.ts'
import type { StepPlace } from './host.ts'
import type { Readings } from './readings.ts'
import { poll, type Clock } from '../clock.ts'
import { frameOf } from './step.ts'
import type { Thread } from './thread.ts'

/** An execution while it runs: its threads, counters and limits. */
export class LiveExecution implements Execution {
  readonly outcome: Promise<ExecutionOutcome>
  readonly readings: Readings
  readonly recorder: Recorder
  readonly scheduler: Scheduler
  readonly slots: BranchSlots
  readonly functions: FunctionContext
  /** See ExecutionOptions. */
  readonly fault: NonNullable<ExecutionOptions['fault']> | null
  /** Bytes of all live variables. */
  memory = 0
  /** The most that they have been. */
  mostMemory = 0

  readonly #threads = new Set<Thread>()
  /** Ends calls that are under way when the execution ends. */
  readonly #calls = new AbortController()
  readonly #settle: (outcome: ExecutionOutcome) => void
  #settled = false
  #steps = 0
  #billed = 0
  #unhandled = 0
  #lastThread = 0
  #current: Thread | null = null

  constructor(options: ExecutionOptions) {
    const { host, history, historyLevel = 'basic', seed = 1, signal } = options
    let settle: (outcome: ExecutionOutcome) => void
    this.outcome = new Promise((resolve) => {
      settle = resolve
    })
    this.#settle = (outcome) => settle(outcome)
    this.readings = chooseReadings(options.readings)
    this.fault = options.fault ?? null
    this.recorder = new Recorder(history, host.clock, historyLevel === 'detailed')
    this.scheduler = new Scheduler(seededRandom(seed), host.clock, {
      chosen: (thread) => {
        this.#current = thread
      },
      stuck: () => this.#stuck(),
      broken: (error) =>
        this.finish({ state: 'FAILED', error: executionError(asRaised(error), this.readings) }),
    })
    this.slots = new BranchSlots(this.readings.nestedSlots)
    // Every call that is under way listens, and there may be many.
    setMaxListeners(0, this.#calls.signal)
    const identity = `${seed} ${host.environment('GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID')} ${host.clock.now()}`
    this.functions = {
      host,
      readings: this.readings,
      random: seededRandom(seedFromText(identity)),
      call: {
        clock: host.clock,
        signal: this.#calls.signal,
        environment: (name) => host.environment(name),
        countStep: () => this.countStep(false),
        inTurn: (work) => this.scheduler.inTurn(work),
        currentStep: () => stepOf(this.#current),
      },
    }
    if (signal?.aborted) this.#cancel()
    else signal?.addEventListener('abort', () => this.#cancel(), { once: true, signal: this.#calls.signal })
    void this.#watchDuration(host.clock)
  }

  currentSteps(): readonly { readonly routine: string; readonly step: string }[] {
    return [...this.#threads].filter((thread) => !thread.joining && thread.step !== null).map(stepOf)
  }

  billedSteps(): number {
    return this.#billed
  }

  peakMemory(): number {
    return this.mostMemory
  }

  /** Counts a step or poll; ends the execution at the limit. */
  countStep(structural: boolean): void {
    this.#steps += 1
    if (!structural || this.readings.structuralSteps === 'counted') this.#billed += 1
    // Even where structural steps are free, a loop of nothing else has to end.
    if (this.#billed > LIMITS.steps || this.#steps > 5 * LIMITS.steps) {
      this.#billed = Math.min(this.#billed, LIMITS.steps)
      throw resourceLimitError(`the execution ran more than ${LIMITS.steps} steps`, true)
    }
  }

  /** Counts an error that a branch left unhandled; false beyond the limit. */
  countUnhandled(): boolean {
    this.#unhandled += 1
    return this.#unhandled <= LIMITS.unhandledBranchErrors
  }

  /** Starts a thread. */
  spawn(parent: Thread | null, begin: Thread['begin'], ended: Thread['ended']): Thread {
    const thread: Thread = {
      id: String(this.#lastThread),
      execution: this,
      parent,
      parallelDepth: parent === null ? 0 : parent.parallelDepth + 1,
      begin,
      task: null,
      ended,
      step: parent?.step ?? null,
      joining: false,
      open: [],
    }
    this.#lastThread += 1
    this.#threads.add(thread)
    this.scheduler.wake(thread, { value: null })
    return thread
  }

  /** A thread has ended. */
  retire(thread: Thread): void {
    this.#threads.delete(thread)
  }

  /** `main` has ended. */
  finish(outcome: ExecutionOutcome): void {
    if (this.#settled) return
    this.#settled = true
    this.scheduler.stop()
    this.#calls.abort(new Error('the execution has ended'))
    this.#threads.clear()
    this.#settle(outcome)
  }

  /** An error that nothing can handle ends the execution, whatever else is under way. */
  crash(thread: Thread, error: RaisedError): void {
    for (let around = thread.parent; around !== null; around = around.parent) {
      this.recorder.abandon(around, 'STATE_FAILED', error.value)
    }
    for (const other of this.#threads) this.recorder.abandon(other, 'STATE_CANCELLED')
    this.finish({ state: 'FAILED', error: executionError(error, this.readings) })
  }

  #cancel(): void {
    if (this.#settled) return
    for (const thread of this.#threads) this.recorder.abandon(thread, 'STATE_CANCELLED')
    const error = new RaisedError(mapOf({ message: 'Execution cancelled', tags: ['CancelledError'] }))
    for (const { step, joining } of this.#threads)
      if (!joining && step !== null) error.trace.push(frameOf(step))
    this.finish({ state: 'CANCELLED', error: executionError(error, this.readings) })
  }

  /** An execution that takes longer than a year ends as failed; nothing in it can handle that. */
  async #watchDuration(clock: Clock): Promise<void> {
    const { signal } = this.#calls
    try {
      await poll(clock, LIMITS.duration * 1000, signal)
      // What is due at the same instant goes first: exactly a year is not too long.
      await poll(clock, 0, signal)
    } catch {
      return
    }
    const error = timeoutError(`the execution ran longer than ${LIMITS.duration} seconds`)
    for (const thread of this.#threads) {
      this.recorder.abandon(thread, 'STATE_FAILED', error.value)
      if (!thread.joining && thread.step !== null) error.trace.push(frameOf(thread.step))
    }
    this.finish({ state: 'FAILED', error: executionError(error, this.readings) })
  }

  /** Every thread waits for another: where waiting branches keep their slots that can happen. */
  #stuck(): void {
    const error = systemError('deadlock: all running branches wait for branches that find no slot')
    for (const thread of this.#threads) this.recorder.abandon(thread, 'STATE_FAILED', error.value)
    this.finish({ state: 'FAILED', error: executionError(error, this.readings) })
  }
}

function stepOf(thread: Thread | null): StepPlace {
  return { routine: thread?.step?.routine ?? 'main', step: thread?.step?.name ?? '' }
}
