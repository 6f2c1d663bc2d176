import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Ids } from './ids.ts'

/** One log entry in Cloud Logging's form. https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry */
export interface LogRecord {
  readonly insertId: string
  readonly logName: string
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> }
  readonly timestamp: string
  readonly severity: string
  readonly labels: Readonly<Record<string, string>>
  readonly textPayload?: string
  readonly jsonPayload?: unknown
}

/** Severities that the service knows. https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#logseverity */
export function severityOf(text: unknown): string {
  const name = typeof text === 'string' ? text.toUpperCase() : ''
  return severities.includes(name) ? name : 'DEFAULT'
}

/** Grows with the severity. */
export function severityRank(text: string): number {
  return severities.indexOf(severityOf(text))
}

const severities = [
  'DEFAULT',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
]

/** Appends entries to files under `logs/`, one JSON object a line. */
export class Logs {
  readonly #dir: string
  readonly #onLog: ((record: LogRecord) => void) | undefined
  readonly #ids: Ids

  constructor(dir: string, ids: Ids, onLog?: (record: LogRecord) => void) {
    this.#dir = dir
    this.#ids = ids
    this.#onLog = onLog
  }

  /** `file` is relative to `logs/`, e.g. `run/<job>/<execution>.jsonl`. */
  append(file: string, entry: Omit<LogRecord, 'insertId'>): void {
    const record: LogRecord = { insertId: this.#ids.hex(file, 16), ...entry }
    const path = join(this.#dir, file)
    mkdirSync(dirname(path), { recursive: true })
    appendFileSync(path, `${JSON.stringify(record)}\n`)
    this.#onLog?.(record)
  }

  /** All entries there are, oldest first. A half-written last line, left by a kill, is ignored. */
  read(): readonly LogRecord[] {
    if (!existsSync(this.#dir)) return []
    return readdirSync(this.#dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readFileSync(join(this.#dir, name), 'utf8').split('\n'))
      .flatMap(parseRecord)
      .toSorted((left, right) =>
        left.timestamp < right.timestamp ? -1 : left.timestamp > right.timestamp ? 1 : 0,
      )
  }
}

function parseRecord(line: string): readonly LogRecord[] {
  if (line === '') return []
  try {
    return [JSON.parse(line) as LogRecord]
  } catch {
    return []
  }
}
