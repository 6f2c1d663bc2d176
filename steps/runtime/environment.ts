import { z } from 'zod'
import { StepError } from './error.ts'
import { describe } from './failure.ts'
import { parseObjectUri } from './object-store.ts'

/** The run that this try belongs to. Times are RFC 3339 with the offset of the DAG's time zone. */
export interface StepRun {
  readonly dag: string
  readonly runId: string
  readonly logicalDate: string
  readonly intervalStart: string
  readonly intervalEnd: string
  /** Reference date, `YYYY-MM-DD`. */
  readonly date: string
  /** When the run started. */
  readonly now: string
  readonly task: string
  readonly mapIndex: number
  readonly execution: string
  readonly try: number
  /** The same for every try of this task and map index in this run: what an API takes to do a thing only once. */
  readonly key: string
  readonly traceId: string | null
}

/** Where the outcome goes, and where this try may keep files of its own. */
export interface StepEnvironment {
  readonly projectId: string
  readonly output: { readonly bucket: string; readonly name: string }
  readonly input:
    | { readonly kind: 'inline'; readonly json: string }
    | { readonly kind: 'object'; readonly bucket: string; readonly name: string }
}

const runSchema = z
  .object({
    dag: z.string().min(1),
    run_id: z.string().min(1),
    logical_date: z.string(),
    interval_start: z.string(),
    interval_end: z.string(),
    date: z.iso.date(),
    now: z.string(),
    task: z.string().min(1),
    map_index: z.coerce.number().int(),
    execution: z.string().min(1),
    try: z.coerce.number().int().positive(),
    key: z.string().optional(),
    trace_id: z.string().nullish(),
  })
  .transform((run): StepRun => ({
    dag: run.dag,
    runId: run.run_id,
    logicalDate: run.logical_date,
    intervalStart: run.interval_start,
    intervalEnd: run.interval_end,
    date: run.date,
    now: run.now,
    task: run.task,
    mapIndex: run.map_index,
    execution: run.execution,
    try: run.try,
    key: run.key ?? `${run.dag}/${run.run_id}/${run.task}/${run.map_index}`,
    traceId: run.trace_id ?? null,
  }))

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

function refuse(message: string): never {
  throw new StepError({ code: 'invalid_environment', message, retryable: false })
}

function addressIn(env: EnvironmentVariables, name: string): { bucket: string; name: string } {
  const uri = env[name]
  if (!uri) refuse(`${name} is not set; a step is started by a workflow, or by \`dag task run\``)
  try {
    return parseObjectUri(uri)
  } catch (error) {
    return refuse(`${name}: ${describe(error)}`)
  }
}

/** Throws a StepError `invalid_environment`. */
export function readEnvironment(env: EnvironmentVariables): StepEnvironment {
  const output = addressIn(env, 'DAG_OUTPUT_URI')
  const projectId = env.GOOGLE_CLOUD_PROJECT
  if (!projectId) refuse('GOOGLE_CLOUD_PROJECT is not set')
  if (env.DAG_INPUT_URI) {
    return { projectId, output, input: { kind: 'object', ...addressIn(env, 'DAG_INPUT_URI') } }
  }
  return { projectId, output, input: { kind: 'inline', json: env.DAG_INPUT ?? '{}' } }
}

/** Throws a StepError `invalid_environment`. */
export function readRun(env: EnvironmentVariables): StepRun {
  let json: unknown
  try {
    json = JSON.parse(env.DAG_RUN ?? '')
  } catch {
    return refuse('DAG_RUN is not JSON')
  }
  const parsed = runSchema.safeParse(json)
  return parsed.success ? parsed.data : refuse(`DAG_RUN: ${z.prettifyError(parsed.error)}`)
}
