import type { Clock } from '../../clock.ts'
import type { Logs } from '../logs.ts'
import { timestamp } from '../names.ts'
import type { TaskIdentity } from './environment.ts'
import { completedExecution, withProgress } from './execution.ts'
import { findImage, type LocalImages } from './images.ts'
import type { ProcessLedger } from './process-ledger.ts'
import type { JobExecution, Overrides } from './resource.ts'
import { Slots } from './slots.ts'
import { runTask, taskLogRecord, type TaskEnd } from './task.ts'

export interface JobRunnerOptions {
  readonly clock: Clock
  readonly images: LocalImages
  readonly stepEnv: Readonly<Record<string, string>>
  /** Root URL that steps talk to; known once the server listens. */
  readonly emulatorUrl: () => string
  readonly logs: Logs
  readonly ledger: ProcessLedger
  /** Processes at a time; further tasks wait. */
  readonly maxProcesses: number
}

/** Runs the tasks of job executions as child processes. */
export class JobRunner {
  readonly #options: JobRunnerOptions
  readonly #slots: Slots

  constructor(options: JobRunnerOptions) {
    this.#options = options
    this.#slots = new Slots(options.maxProcesses)
  }

  /**
   * Resolves with the finished execution. `onChange` gets it as it goes. Processes are real work: virtual time
   * follows the wall while one runs.
   */
  run(
    execution: JobExecution,
    overrides: Overrides,
    signal: AbortSignal,
    onChange: (execution: JobExecution) => void,
  ): Promise<JobExecution> {
    // Virtual time follows the wall for a process alone; what the emulator itself does takes none.
    const release = this.#isProgram(execution) ? undefined : this.#options.clock.hold?.()
    return this.#run(execution, overrides, signal, onChange).finally(() => release?.())
  }

  async #run(
    waiting: JobExecution,
    overrides: Overrides,
    signal: AbortSignal,
    onChange: (execution: JobExecution) => void,
  ): Promise<JobExecution> {
    const { clock } = this.#options
    const id = waiting.name.split('/').at(-1) ?? ''
    const overridden = new Set(
      (overrides.containerOverrides ?? []).flatMap(({ env }) => (env ?? []).map(({ name }) => name)),
    )
    const ends: (TaskEnd & { readonly task: string })[] = []
    let execution = waiting
    let running = 0
    let retried = 0
    const report = () => {
      execution = withProgress(execution, { running, ends, retried }, clock.now())
      onChange(execution)
    }

    // One that waits for a slot would keep the clock from going on for those that sleep.
    const slots = this.#isProgram(waiting) ? noSlots : this.#slots
    const runOne = async (index: number): Promise<void> => {
      for (let attempt = 0; ; attempt += 1) {
        const end = await slots.run(() => {
          running += 1
          report()
          return this.#attempt(execution, overridden, { index, attempt }, signal)
        })
        running -= 1
        const again = end.kind === 'failed' && end.retryable && attempt < (waiting.template.maxRetries ?? 3)
        if (!again) {
          ends.push({ ...end, task: `${id}-task${index}` })
          report()
          return
        }
        retried += 1
      }
    }
    const parallel = new Slots(Math.max(1, waiting.parallelism))
    await Promise.all(
      Array.from({ length: waiting.taskCount }, (_none, index) => parallel.run(() => runOne(index))),
    )
    return completedExecution(execution, ends, clock.now())
  }

  #isProgram({ template }: JobExecution): boolean {
    const image = findImage(this.#options.images, template.containers[0]?.image ?? '')
    return image !== null && 'run' in image
  }

  #attempt(
    execution: JobExecution,
    overridden: ReadonlySet<string>,
    { index, attempt }: { readonly index: number; readonly attempt: number },
    signal: AbortSignal,
  ): Promise<TaskEnd> {
    const { clock, images, stepEnv, emulatorUrl, logs, ledger } = this.#options
    const [, project = '', , location = '', , job = '', , id = ''] = execution.name.split('/')
    const task: TaskIdentity = { project, job, execution: id, index, attempt, count: execution.taskCount }
    return runTask(execution.template, overridden, task, {
      images,
      stepEnv,
      emulatorUrl: emulatorUrl(),
      signal,
      ledger,
      clock,
      onLog: (payload, stream) =>
        logs.append(
          `run/${job}/${id}.jsonl`,
          taskLogRecord(payload, stream, task, location, timestamp(clock.now())),
        ),
    })
  }
}

/** Functions of this process take none of the machine's processors. */
const noSlots = { run: <T>(work: () => Promise<T>): Promise<T> => work() }
