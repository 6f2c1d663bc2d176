import { z } from 'zod'
import { HistoryError } from './service.ts'

/** A log entry in Cloud Logging's form. https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry */
const logEntry = z.object({
  timestamp: z.string(),
  severity: z.string().default('DEFAULT'),
  textPayload: z.string().optional(),
  jsonPayload: z.record(z.string(), z.unknown()).optional(),
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

/** Reads what the steps of a run have logged, oldest first. */
export async function readLogs(source: LogSource, project: string, query: LogQuery): Promise<LogEntry[]> {
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
        filter: filterOf(query),
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
