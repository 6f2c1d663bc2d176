import type { LogEntry } from '../history/logs.ts'

/** `09:00:04.120 INFO    load_raw  loaded 205 rows`. */
export function logLine(entry: LogEntry): string {
  const task = typeof entry.jsonPayload?.['task'] === 'string' ? entry.jsonPayload['task'] : ''
  const message =
    entry.textPayload ?? text(entry.jsonPayload?.['message']) ?? JSON.stringify(entry.jsonPayload ?? {})
  return `${entry.timestamp.slice(11, 23)} ${entry.severity.padEnd(8)}${task === '' ? '' : `${task}  `}${message}`
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
