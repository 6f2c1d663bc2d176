import { z } from 'zod'
import { HistoryError } from './service.ts'

/** A log entry in Cloud Logging's form. https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry */
const logEntry = z.object({
  timestamp: z.string(),
  severity: z.string().default('DEFAULT'),
  textPayload: z.string().optional(),
  jsonPayload: z.record(z.string(), z.unknown()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
})

export type LogEntry = z.infer<typeof logEntry>

export interface LogQuery {
  readonly dag: string
  readonly runId: string
  readonly task?: string | undefined
}

/** Where the Logging API is and how to sign in. */
export interface LogSource {
  readonly loggingUrl: string
  token(): Promise<string | null>
}

/**
 * Reads what the steps of a run have logged, oldest first. Containers that broke say why in plain text, which names no
 * run: it is found by the executions that the failed tries name.
 */
export async function readLogs(source: LogSource, project: string, query: LogQuery): Promise<LogEntry[]> {
  const entries = await listEntries(source, project, filterOf(query))
  const broken = brokenContainers(entries)
  const [first] = entries
  if (broken.size === 0 || first === undefined) return entries
  const jobs = new Set([...broken.keys()].map((name) => name.replace(/-[^-]+$/, '')))
  const since = new Date(Date.parse(first.timestamp) - longestTry).toISOString()
  const plain = await Promise.all(
    [...jobs].map((job) =>
      listEntries(
        source,
        project,
        `resource.labels.job_name=${JSON.stringify(job)} AND timestamp>="${since}"`,
      ),
    ),
  )
  const words = plain.flat().flatMap((entry): LogEntry[] => {
    const task = broken.get(entry.labels?.['run.googleapis.com/execution_name'] ?? '')
    return task === undefined || entry.textPayload === undefined ? [] : [{ ...entry, jsonPayload: { task } }]
  })
  return [...entries, ...words].toSorted((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp))
}

/** A day: what was logged first may be the end of the first try. https://cloud.google.com/run/docs/configuring/task-timeout */
const longestTry = 86_400_000

/** Executions of Cloud Run jobs that ended in an error, with their tasks, as the failures of tries name them. */
function brokenContainers(entries: readonly LogEntry[]): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap(({ jsonPayload }) => {
      const { message, task } = jsonPayload ?? {}
      const [, name] = /^Task (\S+)-task\d+ failed/.exec(typeof message === 'string' ? message : '') ?? []
      return name === undefined || typeof task !== 'string' ? [] : [[name, task] as const]
    }),
  )
}

async function listEntries(source: LogSource, project: string, filter: string): Promise<LogEntry[]> {
  const page = z.object({ entries: z.array(logEntry).default([]), nextPageToken: z.string().optional() })
  const found: LogEntry[] = []
  let pageToken: string | undefined
  do {
    const token = await source.token()
    const response = await fetch(`${source.loggingUrl.replace(/\/$/, '')}/v2/entries:list`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({
        resourceNames: [`projects/${project}`],
        filter,
        orderBy: 'timestamp asc',
        pageSize: 1000,
        ...(pageToken ? { pageToken } : {}),
      }),
    })
    if (!response.ok)
      throw new HistoryError(response.status, `the logs could not be read: ${response.status}`)
    const answer = page.parse(await response.json())
    found.push(...answer.entries)
    pageToken = answer.nextPageToken
  } while (pageToken)
  return found
}

/** https://cloud.google.com/logging/docs/view/logging-query-language */
function filterOf({ dag, runId, task }: LogQuery): string {
  const parts = [['dag', dag], ['run_id', runId], ...(task === undefined ? [] : [['task', task]])]
  return parts.map(([name, value]) => `jsonPayload.${name}=${JSON.stringify(value)}`).join(' AND ')
}
