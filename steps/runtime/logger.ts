/** Cloud Logging's severities that a step uses (https://docs.cloud.google.com/logging/docs/structured-logging). */
type Severity = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR'

export type LogFields = Readonly<Record<string, unknown>>

/** One JSON object a line on standard output. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warning(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export interface LoggerOptions {
  /** Fields of every line: `dag`, `run_id`, `task` … */
  base: LogFields
  write: (line: string) => void
  redact: (text: string) => string
}

export function createLogger({ base, write, redact }: LoggerOptions): Logger {
  function log(severity: Severity, message: string, fields: LogFields = {}): void {
    const line: Record<string, unknown> = { severity, message, ...base }
    // What the protocol names wins over a field of the same name.
    for (const [name, value] of Object.entries(fields)) line[name] ??= value
    write(
      `${JSON.stringify(line, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value))}\n`,
    )
  }
  return {
    debug: (message, fields) => log('DEBUG', message, fields),
    info: (message, fields) => log('INFO', message, fields),
    warning: (message, fields) => log('WARNING', message, fields),
    error: (message, fields) => log('ERROR', message, fields),
  }
}

/** Replaces each secret by a mark, the longest first so that one that contains another leaves no rest. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets)]
    .filter((secret) => secret.length >= 4)
    .toSorted((a, b) => b.length - a.length)
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
}
