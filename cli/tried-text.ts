import { duration } from '../history/report/format.ts'
import type { TriedTask } from './try-task.ts'

/** One try of a task: what went in, what it said, what came out. */
export function triedText(tried: TriedTask): string {
  const { task, runId, input, logs, state, output, reason, error, durationMs } = tried
  const ending =
    state === 'success'
      ? `output   ${JSON.stringify(output, null, 2)}`
      : state === 'skipped'
        ? `skipped  ${reason}`
        : `failed   ${error?.code}: ${error?.message}`
  return [
    `task     ${task}, as in run ${runId}`,
    `input    ${JSON.stringify(input, null, 2)}`,
    ...logs.map((line) => `log      ${line}`),
    ending,
    `took     ${duration(durationMs)}`,
  ].join('\n')
}
