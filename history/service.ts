import { z } from 'zod'

/**
 * Executions and step entries as the Workflow Executions API answers them, read with plain requests because the
 * client library does not know step entries.
 *
 * https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions
 */
const execution = z.object({
  name: z.string(),
  state: z.string().default('STATE_UNSPECIFIED'),
  createTime: z.string().optional(),
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  argument: z.string().optional(),
  result: z.string().optional(),
  error: z.object({ payload: z.string().optional(), context: z.string().optional() }).optional(),
  workflowRevisionId: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
})

const stepEntry = z.object({
  name: z.string().optional(),
  entryId: z.coerce.number(),
  createTime: z.string(),
  updateTime: z.string().optional(),
  routine: z.string(),
  step: z.string(),
  stepType: z.string().default('STEP_TYPE_UNSPECIFIED'),
  state: z.string().default('STATE_UNSPECIFIED'),
  exception: z.object({ payload: z.string().optional() }).optional(),
  /** The entry of the block or the call that it stands in. */
  navigationInfo: z.object({ parent: z.coerce.number().optional() }).optional(),
  variableData: z.object({ variables: z.record(z.string(), z.unknown()).default({}) }).optional(),
})

export type ExecutionRecord = z.infer<typeof execution>
export type StepRecord = z.infer<typeof stepEntry>

/** Where the API is and how to sign in; a null token sends no credentials. */
export interface HistorySource {
  readonly executionsUrl: string
  token(): Promise<string | null>
}

/** The API's refusal, with its own message. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads one execution by its full name. */
export async function readExecution(source: HistorySource, name: string): Promise<ExecutionRecord> {
  return execution.parse(await get(source, name, { view: 'FULL' }))
}

/** Reads all step entries of an execution, in the order in which the steps started. */
export async function readStepEntries(source: HistorySource, executionName: string): Promise<StepRecord[]> {
  const page = z.object({ stepEntries: z.array(stepEntry).default([]), nextPageToken: z.string().optional() })
  const entries: StepRecord[] = []
  let pageToken: string | undefined
  do {
    const query = { pageSize: '1000', ...(pageToken ? { pageToken } : {}) }
    const answer = page.parse(await get(source, `${executionName}/stepEntries`, query))
    entries.push(...answer.stepEntries)
    pageToken = answer.nextPageToken
  } while (pageToken)
  return entries.toSorted((a, b) => a.entryId - b.entryId)
}

/** Lists a workflow's executions, newest first; `filter` as the API takes it, e.g. `labels.run_id="x"`. */
export async function listExecutions(
  source: HistorySource,
  workflowName: string,
  limit: number,
  filter?: string,
): Promise<ExecutionRecord[]> {
  const page = z.object({ executions: z.array(execution).default([]), nextPageToken: z.string().optional() })
  const found: ExecutionRecord[] = []
  let pageToken: string | undefined
  do {
    // With view FULL the service gives at most 100 a page.
    const query = {
      view: 'FULL',
      pageSize: String(Math.min(100, limit)),
      ...(filter === undefined ? {} : { filter }),
      ...(pageToken ? { pageToken } : {}),
    }
    const answer = page.parse(await get(source, `${workflowName}/executions`, query))
    found.push(...answer.executions)
    pageToken = answer.nextPageToken
  } while (pageToken && found.length < limit)
  return found.slice(0, limit)
}

async function get(source: HistorySource, path: string, query: Record<string, string>): Promise<unknown> {
  const token = await source.token()
  const url = `${source.executionsUrl.replace(/\/$/, '')}/v1/${path}?${new URLSearchParams(query).toString()}`
  const headers = {
    accept: 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  const response = await fetch(url, { headers }).catch((error: unknown) => {
    throw new HistoryError(0, `cannot reach ${source.executionsUrl}: ${reasonOf(error)}`)
  })
  const body: unknown = await response.json().catch(() => ({}))
  if (response.ok) return body
  const failure = z.object({ error: z.object({ message: z.string() }) }).safeParse(body)
  const message = failure.success ? failure.data.error.message : `${path} answered ${response.status}`
  throw new HistoryError(response.status, message)
}

/** `fetch` itself only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
