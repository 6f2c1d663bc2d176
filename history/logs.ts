import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { HistoryError, type HistorySource } from './service.ts'

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

/** Reads what the steps of a run have logged in the local cloud, oldest first. */
export async function readLocalLogs(stateDir: string, query: LogQuery): Promise<LogEntry[]> {
  const folder = join(stateDir, 'logs')
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.jsonl')).map((name) => readFile(join(folder, name), 'utf8')),
  )
  return texts
    .flatMap((text) => text.split('\n'))
    .flatMap(parseLine)
    .filter((entry) => matches(entry, query))
    .toSorted((a, b) => a.timestamp.localeCompare(b.timestamp))
}

/** Reads the same from Cloud Logging. */
export async function readCloudLogs(
  source: Pick<HistorySource, 'token'>,
  project: string,
  query: LogQuery,
  loggingUrl = 'https://logging.googleapis.com',
): Promise<LogEntry[]> {
  const page = z.object({ entries: z.array(logEntry).default([]), nextPageToken: z.string().optional() })
  const found: LogEntry[] = []
  let pageToken: string | undefined
  do {
    const token = await source.token()
    const response = await fetch(`${loggingUrl}/v2/entries:list`, {
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
    if (!response.ok) throw new HistoryError(response.status, `Cloud Logging answered ${response.status}`)
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

function matches({ jsonPayload }: LogEntry, { dag, runId, task }: LogQuery): boolean {
  return (
    jsonPayload?.['dag'] === dag &&
    jsonPayload['run_id'] === runId &&
    (task === undefined || jsonPayload['task'] === task)
  )
}

/** The last line of a file may be half written. */
function parseLine(line: string): LogEntry[] {
  try {
    return [logEntry.parse(JSON.parse(line))]
  } catch {
    return []
  }
}
