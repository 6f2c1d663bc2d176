import { call, expr, map, str, step, type Step, type Value } from '../language.ts'

type Severity = 'INFO' | 'WARNING' | 'ERROR'

/**
 * A structured log line about a task, with the fields that steps log with: dag, run_id, task, map_index.
 * https://cloud.google.com/workflows/docs/reference/stdlib/sys/log
 */
export function logStep(name: string, severity: Severity, fields: Readonly<Record<string, Value>>): Step {
  return step(
    name,
    call('sys.log', {
      args: {
        severity: str(severity),
        json: map({
          dag: expr('run.dag'),
          run_id: expr('run.run_id'),
          task: expr('text.split(task, "/")[0]'),
          map_index: expr('int(text.split(task, "/")[1])'),
          ...fields,
        }),
      },
    }),
  )
}
