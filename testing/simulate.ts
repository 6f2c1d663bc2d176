import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { knownArgument } from '../artifact/known.ts'
import type { CompiledDag } from '../compiler/index.ts'
import { planRun } from '../deploy/run-plan.ts'
import { z, type DagDefinition, type Location } from '../dsl/index.ts'
import { callerOf } from '../dsl/location.ts'
import { realClock, virtualClock } from '../simulator/clock.ts'
import type { LocalImages } from '../simulator/cloud/run/images.ts'
import { parseReading, type Readings } from '../simulator/engine/index.ts'
import { startEmulator, type Emulator } from '../simulator/emulator.ts'
import { bucketsOf, jsonOf, requestOf } from './bucket.ts'
import { compiledDag } from './compiled.ts'
import { install, installWithTables } from './install.ts'
import { fillLedger } from './ledger.ts'
import { mockLayer } from './mock-layer.ts'
import type { RunFacts } from './mock.ts'
import type { SimulateOptions } from './options.ts'
import { parent, place } from './place.ts'
import { asProblem, Mistakes } from './problem.ts'
import { readScript } from './script.ts'
import { selectTasks, type Selection } from './selection.ts'
import type { ToldHook } from './services/hooks.ts'
import { simulatedCloud } from './simulated-cloud.ts'
import { simulatedRun, type SimulatedRun } from './simulated-run.ts'

/**
 * Runs a DAG without its services: compiles it, runs the very workflow that would be deployed in a local cloud of its
 * own, and lets mocks answer where Cloud Run, BigQuery and others would. Sleeps, retries and polls take no time.
 *
 * @throws DagProblems where the DAG does not compile, or a task that does not exist or cannot do so is named (DAG701 to
 * DAG705); what a mock throws, unless it is a StepError, which is its task's failure
 *
 * @example
 * const run = await simulate(shop, { mocks: { fetch_orders: { orders: [] } }, fail: { load_orders: 2 } })
 * expect(run.states).toEqual({ fetch_orders: 'success', load_orders: 'success' })
 */
export async function simulate(dag: DagDefinition, options: SimulateOptions = {}): Promise<SimulatedRun> {
  return simulateAt(dag, options, callerOf(simulate))
}

/** The same, for a caller whose own caller is the author's line. */
export async function simulateAt(
  dag: DagDefinition,
  options: SimulateOptions,
  at: Location | null,
): Promise<SimulatedRun> {
  const mistakes = new Mistakes(at)
  const script = readScript(dag, options, mistakes)
  const params = readParams(dag, options, mistakes)
  mistakes.check()
  const compiled = compiledDag(dag, resolve(options.projectDir ?? '.'))
  const selection = selectTasks(compiled.manifest.tasks, options, mistakes)
  mistakes.check()
  const argument = argumentOf(compiled, options, params)
  const stateDir = mkdtempSync(join(temporaryFolder(), 'dagwright-simulation-'))
  try {
    return await runIn(stateDir, { dag, compiled, options, script, selection, argument, at })
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
}

/** In memory where the system has such a place: a simulation writes many small files. */
function temporaryFolder(): string {
  const memory = '/dev/shm'
  try {
    accessSync(memory, constants.W_OK)
    return memory
  } catch {
    return tmpdir()
  }
}

interface Planned {
  readonly dag: DagDefinition
  readonly compiled: CompiledDag
  readonly options: SimulateOptions
  readonly script: ReturnType<typeof readScript>
  readonly selection: Selection | null
  readonly argument: RunFacts
  readonly at: Location | null
}

async function runIn(stateDir: string, planned: Planned): Promise<SimulatedRun> {
  const { dag, compiled, options, script, selection, argument, at } = planned
  const begin = Date.parse(options.now ?? argument.interval_end)
  const clock = options.clock === 'real' ? realClock() : virtualClock(begin)
  const isMocked = (task: string) => !isReal(options, script, task)
  const { sourceMap } = compiled
  const told: ToldHook[] = []
  const layer = mockLayer(
    { onHook: (hook) => void told.push(hook), dag, sourceMap, script, run: argument, isMocked },
    { clock, dispatch: () => emulator.dispatch },
  )
  const { stage, ...mocks } = layer
  let ended: (billedSteps: number) => void = () => undefined
  const end = new Promise<number>((settle) => (ended = settle))
  const emulator: Emulator = await startEmulator({
    stateDir,
    clock,
    project: place.project,
    location: place.location,
    ...mocks,
    images: { ...localImages(options), ...mocks.images },
    stepEnv: options.env ?? {},
    seed: options.seed ?? 1,
    brief: true,
    readings: chosenReadings(options),
    onExecutionEvent: (event) => {
      if (event.kind === 'execution_ended') ended(event.billedSteps)
    },
  })
  try {
    const everythingMocked = dag.tasks.every(({ id }) => isMocked(id))
    await (everythingMocked ? install : installWithTables)(compiled, emulator, isMocked)
    const mistakes = new Mistakes(at)
    const ledger = { dag, script, run: argument, bucket: place.bucket, isMocked, mistakes }
    const known =
      selection === null ? {} : await fillLedger({ ...ledger, selection, open: bucketsOf(emulator.dispatch) })
    mistakes.check()
    const created = jsonOf(
      await emulator.dispatch(
        requestOf('POST', `/v1/${parent}/workflows/${compiled.manifest.workflow.id}/executions`, {
          argument: JSON.stringify({ ...argument, ...knownArgument(known) }),
        }),
      ),
    )
    const billedSteps = await end
    if (stage.failure !== null) throw asProblem(stage.failure.error, at)
    const name = String(created['name'])
    const run = await simulatedRun({
      name,
      emulator,
      compiled,
      calls: stage.calls,
      told,
      billedSteps,
      argument,
    })
    await options.inspect?.(simulatedCloud(emulator))
    return run
  } finally {
    await emulator.close()
  }
}

/** What is said of a task is a mock of it; so `real: true` means the others. */
function isReal({ real = false }: SimulateOptions, script: Planned['script'], task: string): boolean {
  return typeof real === 'boolean' ? real && !script.has(task) : real.includes(task)
}

function localImages({ images = {}, projectDir = '.' }: SimulateOptions): LocalImages {
  const cwd = resolve(projectDir)
  return Object.fromEntries(Object.entries(images).map(([name, { command }]) => [name, { command, cwd }]))
}

function chosenReadings({ readings = {} }: SimulateOptions): Partial<Readings> {
  const chosen = Object.entries(readings).map(([name, value]) => parseReading(`${name}=${value}`))
  return Object.assign({}, ...chosen) as Partial<Readings>
}

function readParams(dag: DagDefinition, { params = {} }: SimulateOptions, mistakes: Mistakes) {
  const parsed = dag.params.strict().safeParse(params)
  if (parsed.success) return parsed.data
  mistakes.add(
    'DAG704',
    `params of DAG ${dag.id} do not fit:\n${z.prettifyError(parsed.error)}`,
    'give what the DAG declares',
  )
  return {}
}

/** Without a date the run is one of the first day of 2026, so that it is the same each time. */
const STANDARD_NOW = '2026-01-02T12:00:00Z'

function argumentOf(
  { manifest }: CompiledDag,
  options: SimulateOptions,
  params: Readonly<Record<string, unknown>>,
) {
  const { date, now } = options
  return planRun({
    manifest,
    // With a date of its own a run may be in any future.
    nowMs: date === undefined ? Date.parse(now ?? STANDARD_NOW) : Number.MAX_SAFE_INTEGER,
    params,
    ...(date === undefined ? {} : { date }),
  })
}
