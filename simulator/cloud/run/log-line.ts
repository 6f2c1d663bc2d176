import { severityOf, type LogRecord } from '../logs.ts'

export type LogPayload = Pick<LogRecord, 'severity' | 'labels' | 'textPayload' | 'jsonPayload'>

/**
 * Reads a line that a container wrote: a JSON object is structured, anything else is text.
 * https://cloud.google.com/logging/docs/structured-logging#structured_logging_special_fields
 */
export function readLogLine(line: string): LogPayload {
  const value = line.startsWith('{') ? parse(line) : null
  if (value === null) return { severity: 'DEFAULT', labels: {}, textPayload: line }
  const { severity, 'logging.googleapis.com/labels': labels, ...payload } = value
  return { severity: severityOf(severity), labels: stringValues(labels), jsonPayload: payload }
}

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}

function stringValues(labels: unknown): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || labels === null) return {}
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
