import { z } from 'zod'
import { systemClock } from './clock.ts'
import type { StepClock } from './clock.ts'
import { createContext } from './context.ts'
import { readEnvironment, readRun } from './environment.ts'
import type { EnvironmentVariables, StepEnvironment, StepRun } from './environment.ts'
import { StepError } from './error.ts'
import { describe, redactOutcome, stackOf, toOutcome } from './failure.ts'
import { createGoogleStorage } from './google-storage.ts'
import { createGoogleWarehouse } from './google-warehouse.ts'
import type { Fetch } from './http.ts'
import { withGrace } from './grace.ts'
import { parseInput, readInput } from './input.ts'
import { createLogger, createRedactor } from './logger.ts'
import type { OpenBucket } from './object-store.ts'
import { exitCodeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { publishOutcome } from './publish.ts'
import type { Step, StepContext } from './step.ts'
import type { Warehouse } from './warehouse.ts'

/** How long a handler may go on after it was told to stop; Cloud Run kills 10 s after SIGTERM. */
const GRACE_MS = 6_000

export interface RunStepOptions {
  /** Told to stop: SIGTERM, as `main` passes it on. */
  signal?: AbortSignal
  storage?: OpenBucket
  warehouse?: Warehouse
  clock?: StepClock
  fetch?: Fetch
  /** Takes log lines. @default process.stdout */
  write?: (line: string) => void
  /** @default 6000 */
  graceMs?: number
}

/**
 * Runs one try of a step as the protocol has it (docs/architecture.md, "Step protocol"): reads the environment,
 * writes the outcome, returns the exit code.
 */
export async function runStep(
  step: Step,
  env: EnvironmentVariables,
  options: RunStepOptions = {},
): Promise<number> {
  const { contract } = step
  const secrets = Object.keys(contract.secrets).flatMap((name) => env[name] ?? [])
  const redact = createRedactor(secrets)
  const write = options.write ?? ((line: string) => void process.stdout.write(line))
  const log = createLogger({ base: { step: contract.name, ...logFields(env) }, write, redact })

  let environment: StepEnvironment
  try {
    environment = readEnvironment(env)
  } catch (error) {
    // Without a place for it there is no outcome; the workflow sees a failed container.
    log.error(describe(error))
    return 1
  }

  const signal = options.signal ?? new AbortController().signal
  const clock = options.clock ?? systemClock
  const { projectId } = environment
  const output = { ...environment.output, tries: tryOf(env) }
  const open = options.storage ?? createGoogleStorage({ projectId, emulator: env.STORAGE_EMULATOR_HOST })
  const warehouse =
    options.warehouse ??
    createGoogleWarehouse({ projectId, emulator: env.BIGQUERY_EMULATOR_HOST, clock, signal })

  async function attempt(): Promise<Outcome> {
    const run = readRun(env)
    const input = parseInput(contract, await readInput(environment, open))
    const { fetch } = globalThis
    const context = createContext({
      contract,
      env,
      run,
      log,
      store: open(output.bucket),
      outputName: output.name,
      warehouse,
      clock,
      signal,
      fetch: options.fetch ?? fetch,
    })
    return { kind: 'output', output: await handle(step, input, context, options.graceMs ?? GRACE_MS) }
  }

  const started = clock.now()
  const reached = await attempt().catch((error: unknown) => toOutcome(error, signal, log))
  const outcome = redactOutcome(reached, redact)
  try {
    const published = await publishOutcome(outcome, output, open).catch((error: unknown) => {
      // An output that cannot be written is the step's error, which can.
      if (error instanceof StepError) return publishOutcome(toOutcome(error, signal, log), output, open)
      throw error
    })
    if (published !== outcome) log.warning(`another start of this try was first: ${published.kind} stands`)
    log.info(`${contract.name}: ${published.kind}`, { outcome: published.kind, ms: clock.now() - started })
    return exitCodeOf(published)
  } catch (error) {
    log.error(`the outcome could not be written: ${describe(error)}`, { stack: stackOf(error) })
    return 1
  }
}

/** Best effort: log lines should name their run even where `DAG_RUN` turns out to be invalid. */
/** Which try this is; 1 where the environment does not say, which is an error of its own. */
function tryOf(env: EnvironmentVariables): number {
  try {
    return readRun(env).try
  } catch {
    return 1
  }
}

function logFields(env: EnvironmentVariables): Record<string, unknown> {
  let run: StepRun
  try {
    run = readRun(env)
  } catch {
    return {}
  }
  const { dag, runId, task, mapIndex, execution, traceId } = run
  const trace =
    traceId && env.GOOGLE_CLOUD_PROJECT
      ? { 'logging.googleapis.com/trace': `projects/${env.GOOGLE_CLOUD_PROJECT}/traces/${traceId}` }
      : {}
  return { dag, run_id: runId, task, map_index: mapIndex, execution, try: run.try, ...trace }
}

async function handle(
  step: Step,
  input: Record<string, unknown>,
  context: StepContext,
  graceMs: number,
): Promise<Record<string, unknown>> {
  const output = await withGrace(step.handler(input, context), context.signal, graceMs)
  const parsed = step.contract.output.safeParse(output)
  if (parsed.success) return parsed.data
  throw new StepError({
    code: 'invalid_output',
    message: `the step returned what its contract does not promise: ${z.prettifyError(parsed.error)}`,
    retryable: false,
  })
}
