import { call, expr, map, str, step, type Step, type Value } from '../language.ts'

type Severity = 'INFO' | 'WARNING' | 'ERROR'

const fields = {
  dag: expr('run.dag'),
  run_id: expr('run.run_id'),
  task: expr('text.split(task, "/")[0]'),
  map_index: expr('int(text.split(task, "/")[1])'),
}

/** The fields of every log line about a task, which steps log with, too. */
export const aboutTask: Value = map(fields)

/**
 * A structured log line about a task.
 * https://cloud.google.com/workflows/docs/reference/stdlib/sys/log
 */
export function logStep(name: string, severity: Severity, more: Readonly<Record<string, Value>>): Step {
  return step(name, call('sys.log', { args: { severity: str(severity), json: map({ ...fields, ...more }) } }))
}
