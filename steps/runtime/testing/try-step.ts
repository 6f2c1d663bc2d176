import type { StepClock } from '../clock.ts'
import type { EnvironmentVariables } from '../environment.ts'
import { createMemoryStorage } from '../memory-storage.ts'
import type { OpenBucket, StoredObject } from '../object-store.ts'
import { parseObjectUri } from '../object-store.ts'
import { decodeOutcome } from '../outcome.ts'
import type { Outcome } from '../outcome.ts'
import { runStep } from '../run-step.ts'
import type { RunStepOptions } from '../run-step.ts'
import type { Step } from '../step.ts'

/** A clock on which sleeping takes no time. */
export interface FakeClock extends StepClock {
  /** What was slept, in milliseconds. */
  readonly slept: readonly number[]
}

export function createFakeClock(start = Date.parse('2026-03-09T09:00:00Z')): FakeClock {
  let time = start
  const slept: number[] = []
  return {
    slept,
    now: () => time,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted()
      slept.push(milliseconds)
      time += milliseconds
    },
  }
}

export interface TryOptions extends RunStepOptions {
  env?: EnvironmentVariables
  /** Fields of `DAG_RUN` that differ from the usual ones. */
  run?: Readonly<Record<string, unknown>>
}

export interface TryResult {
  readonly exitCode: number
  /** What stands in the outcome's object; null without one. */
  readonly outcome: Outcome | null
  readonly object: StoredObject | null
  readonly logs: readonly Readonly<Record<string, unknown>>[]
  readonly storage: OpenBucket
}

/** Environment of one try, as a workflow sets it. */
export function tryEnvironment(
  input: unknown,
  run: Readonly<Record<string, unknown>> = {},
): Record<string, string> {
  const fields = {
    dag: 'anilist',
    run_id: 'manual__2026-03-09t09-00-00z',
    logical_date: '2026-03-09T06:00:00-03:00',
    interval_start: '2026-03-09T06:00:00-03:00',
    interval_end: '2026-03-10T06:00:00-03:00',
    date: '2026-03-09',
    now: '2026-03-09T09:00:01Z',
    task: 'example',
    map_index: 0,
    execution: 'exec1',
    try: 1,
    trace_id: null,
    ...run,
  }
  const { dag, run_id, task, map_index, execution } = fields
  return {
    DAG_INPUT: JSON.stringify(input),
    DAG_OUTPUT_URI: `gs://data/runs/${dag}/${run_id}/${task}/${map_index}/${execution}-${fields.try}/output.json`,
    DAG_RUN: JSON.stringify(fields),
    GOOGLE_CLOUD_PROJECT: 'test-project',
  }
}

/** Runs one try of a step on in-memory storage and reads back how it ended. */
export async function tryStep(step: Step, input: unknown, options: TryOptions = {}): Promise<TryResult> {
  const { env: extra, run, ...rest } = options
  const env = { ...tryEnvironment(input, run), ...extra }
  const storage = options.storage ?? createMemoryStorage()
  const lines: string[] = []
  const exitCode = await runStep(step, env, { ...rest, storage, write: (line) => void lines.push(line) })
  const { bucket, name } = parseObjectUri(env.DAG_OUTPUT_URI ?? '')
  const object = await storage(bucket).stat(name)
  return {
    exitCode,
    object,
    outcome: object && decodeOutcome(Buffer.from(await storage(bucket).get(name)).toString('utf8')),
    logs: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    storage,
  }
}
