import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

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
  return severities.has(name) ? name : 'DEFAULT'
}

const severities = new Set([
  'DEFAULT',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
])

/** Appends entries to files under `logs/`, one JSON object a line. */
export class Logs {
  readonly #dir: string
  readonly #onLog: ((record: LogRecord) => void) | undefined
  #count = 0

  constructor(dir: string, onLog?: (record: LogRecord) => void) {
    this.#dir = dir
    this.#onLog = onLog
  }

  /** `file` is relative to `logs/`, e.g. `run/<job>/<execution>.jsonl`. */
  append(file: string, entry: Omit<LogRecord, 'insertId'>): void {
    this.#count += 1
    const record: LogRecord = {
      insertId: `${process.pid.toString(36)}-${this.#count.toString(36)}`,
      ...entry,
    }
    const path = join(this.#dir, file)
    mkdirSync(dirname(path), { recursive: true })
    appendFileSync(path, `${JSON.stringify(record)}\n`)
    this.#onLog?.(record)
  }
}
