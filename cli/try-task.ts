import { randomUUID } from 'node:crypto'
import { loadDags } from '../compiler/index.ts'
import type { Clients } from '../deploy/clients.ts'
import type { Compiled } from '../deploy/compiled.ts'
import { googleFailure } from '../deploy/google-error.ts'
import { UserError } from '../deploy/user-error.ts'
import type { ModelTask, StepTask, TaskDefinition } from '../dsl/index.ts'
import { didYouMean } from '../dsl/suggest.ts'
import { readLogs } from '../history/logs.ts'
import { logLine } from './log-line.ts'
import type { RunArgument } from './start-run.ts'
import { taskInput } from './task-input.ts'

/** What came of one try of a task. */
export interface TriedTask {
  readonly task: string
  readonly runId: string
  readonly state: 'success' | 'skipped' | 'failed'
  /** What the container was given; of a model the arguments of its procedure. */
  readonly input: unknown
  readonly logs: readonly string[]
  readonly output: unknown
  readonly reason: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly durationMs: number
}

/** A task that can be tried by itself. */
export type TriableTask = StepTask | ModelTask

/** @throws UserError for a task that the DAG does not have, or that only its workflow can run */
export async function triableTask(project: string, dag: string, id: string): Promise<TriableTask> {
  const [definition] = await loadDags(project, [dag])
  const tasks: readonly TaskDefinition[] = definition?.tasks ?? []
  const task = tasks.find((one) => one.id === id)
  if (task === undefined) {
    const ids = tasks.map((one) => one.id)
    throw new UserError('DAG605', `DAG ${dag} has no task ${id}`, {
      place: id,
      hint: didYouMean(id, ids, 'tasks'),
    })
  }
  if (task.kind === 'step' || task.kind === 'model') return task
  throw new UserError('DAG608', `task ${id} is of kind ${task.kind}, which the workflow itself carries out`, {
    place: id,
    hint: `dag simulate ${dag} --only ${id}`,
  })
}

export interface TryOptions {
  readonly clients: Clients
  readonly compiled: Compiled
  readonly argument: RunArgument
  /** As given; otherwise what the run would give. */
  readonly input: { readonly value: unknown } | null
}

/** Tries a task once, with a container or a query of its own. The ledger of the run stays as it is. */
export async function tryTask(task: TriableTask, options: TryOptions): Promise<TriedTask> {
  return task.kind === 'step' ? tryStep(task, options) : tryModel(task, options)
}

async function tryStep(task: StepTask, options: TryOptions): Promise<TriedTask> {
  const { clients, compiled, argument } = options
  const { project, region, bucket } = clients.environment
  const { dag, jobs } = compiled.manifest
  const execution = `try-${randomUUID()}`
  const input = await inputOf(task, options, execution)
  const folder = `runs/${dag}/${argument.run_id}/${task.id}/0/${execution}-1`
  const run = {
    dag,
    run_id: argument.run_id,
    logical_date: argument.logical_date,
    interval_start: argument.interval_start,
    interval_end: argument.interval_end,
    date: argument.logical_date?.slice(0, 10),
    now: new Date().toISOString(),
    task: task.id,
    map_index: 0,
    execution,
    try: 1,
    key: `${dag}/${argument.run_id}/${task.id}/0`,
    trace_id: randomUUID().replaceAll('-', ''),
  }
  const env = [
    { name: 'DAG_INPUT', value: JSON.stringify(input) },
    { name: 'DAG_OUTPUT_URI', value: `gs://${bucket}/${folder}/output.json` },
    { name: 'DAG_RUN', value: JSON.stringify(run) },
  ]
  const job = jobs.find((one) => one.task === task.id)
  const client = await clients.jobs()
  const started = performance.now()
  const [operation] = await client.runJob({
    name: `projects/${project}/locations/${region}/jobs/${job?.id}`,
    overrides: { containerOverrides: [{ env }], timeout: { seconds: task.timeoutSeconds } },
  })
  const failure = await operation.promise().then(
    () => null,
    (error: unknown) => googleFailure(error).message,
  )
  const durationMs = performance.now() - started
  const entries = await readLogs(clients, project, { dag, runId: argument.run_id, task: task.id })
  const logs = entries.filter(({ jsonPayload }) => jsonPayload?.['execution'] === execution).map(logLine)
  const outcome = await outcomeOf(clients, `${folder}/output.json`, failure)
  return { task: task.id, runId: argument.run_id, input, logs, durationMs, ...outcome }
}

type Ended = Pick<TriedTask, 'state' | 'output' | 'reason' | 'error'>

/** What the container wrote, or that it wrote nothing. */
async function outcomeOf(clients: Clients, name: string, failure: string | null): Promise<Ended> {
  const nothing: Ended = { state: 'failed', output: undefined, reason: null, error: null }
  const file = (await clients.storage()).bucket(clients.environment.bucket).file(name)
  const [exists] = await file.exists()
  if (!exists) {
    const error =
      failure === null
        ? { code: 'no_output', message: 'the container exited 0 without writing a result' }
        : { code: 'infrastructure', message: failure }
    return { ...nothing, error }
  }
  const [content] = await file.download()
  const written = JSON.parse(content.toString('utf8')) as {
    readonly output?: unknown
    readonly skip?: string
    readonly error?: { readonly code: string; readonly message: string }
  }
  if (written.error !== undefined) return { ...nothing, error: written.error }
  if (written.skip !== undefined) return { ...nothing, state: 'skipped', reason: written.skip }
  return { ...nothing, state: 'success', output: written.output }
}

/** The given input, or the one that the workflow would make from the run, its params and what other tasks gave. */
async function inputOf(
  task: StepTask,
  { clients, compiled, argument, input }: TryOptions,
  execution: string,
) {
  if (input !== null) return input.value
  const where = { place: `task ${task.id}`, hint: "say what it gets: --input '{ … }', or --input @file.json" }
  if (task.mapping !== null)
    throw new UserError('DAG603', 'a mapped task has as many inputs as its list has items', where)
  const { dag, tasks } = compiled.manifest
  const outputs = new Map<string, unknown>()
  const bucket = (await clients.storage()).bucket(clients.environment.bucket)
  for (const { id } of tasks) {
    const file = bucket.file(`runs/${dag}/${argument.run_id}/${id}/0/result.json`)
    const [exists] = await file.exists()
    if (!exists) continue
    const [metadata] = await file.getMetadata()
    const kept = metadata.metadata?.['result']
    const text = typeof kept === 'string' ? kept : (await file.download())[0].toString('utf8')
    outputs.set(id, (JSON.parse(text) as { readonly output?: unknown }).output)
  }
  const { input: made, missing } = taskInput(task.input, {
    run: {
      runId: argument.run_id,
      logicalDate: argument.logical_date ?? '',
      intervalStart: argument.interval_start ?? '',
      intervalEnd: argument.interval_end ?? '',
      date: argument.logical_date?.slice(0, 10) ?? '',
      execution,
    },
    params: argument.params ?? {},
    outputOf: (id) => outputs.get(id),
  })
  if (missing.length === 0) return made
  throw new UserError(
    'DAG608',
    `its input comes from ${missing.join(', ')}, and run ${argument.run_id} has no result of that`,
    where,
  )
}

async function tryModel(task: ModelTask, { clients, compiled, argument }: TryOptions): Promise<TriedTask> {
  const execution = `try-${randomUUID()}`
  const { dataset, table } = task.model
  const routine = compiled.manifest.routines.find(({ model }) => model === `${dataset}.${table}`)
  if (routine === undefined) throw new Error(`no procedure builds ${dataset}.${table}`)
  const params = {
    run_id: argument.run_id,
    load_id: `${argument.run_id}/${execution}`,
    reference_date: argument.logical_date?.slice(0, 10),
    logical_date: argument.logical_date,
    interval_start: argument.interval_start,
    interval_end: argument.interval_end,
    run_time: new Date().toISOString(),
    params: JSON.stringify(argument.params ?? {}),
  }
  const types: Readonly<Record<string, string>> = {
    reference_date: 'DATE',
    logical_date: 'TIMESTAMP',
    interval_start: 'TIMESTAMP',
    interval_end: 'TIMESTAMP',
    run_time: 'TIMESTAMP',
  }
  const names = Object.keys(params)
  const bigquery = await clients.bigquery()
  const location = clients.environment.datasetLocation
  const started = performance.now()
  const query = {
    query: `CALL \`${routine.dataset}.${routine.routine}\`(${names.map((name) => `@${name}`).join(', ')})`,
    useLegacySql: false,
    parameterMode: 'NAMED',
    queryParameters: Object.entries(params).map(([name, value]) => ({
      name,
      parameterType: { type: types[name] ?? 'STRING' },
      parameterValue: { value: value ?? null },
    })),
  }
  const jobTimeoutMs = String(task.timeoutSeconds * 1000)
  const ended = await bigquery
    .createJob({ configuration: { query, jobTimeoutMs }, location })
    .then(([job]) => job.getQueryResults())
    .then(
      () => null,
      (error: unknown) => googleFailure(error).message,
    )
  const durationMs = performance.now() - started
  const base = { task: task.id, runId: argument.run_id, input: params, logs: [], reason: null, durationMs }
  if (ended !== null) {
    return { ...base, state: 'failed', output: undefined, error: { code: 'query', message: ended } }
  }
  const [rows] = await bigquery.query({
    query: `SELECT COUNT(*) AS n FROM \`${dataset}.${table}\``,
    location,
  })
  const [row] = rows as readonly { readonly n: number }[]
  return {
    ...base,
    state: 'success',
    output: { table: `${dataset}.${table}`, rows: row?.n ?? 0 },
    error: null,
  }
}
