import type { ChartView } from '../history/charts.ts'
import { withCommas } from '../artifact/numbers.ts'
import { duration } from '../history/report/format.ts'
import { taskLook } from '../history/report/state.ts'
import { tryCount } from '../history/report/task-words.ts'
import type { RunView, TaskView } from '../history/run-view.ts'
import type { TableView } from '../history/tables.ts'
import { chartBars } from './bars.ts'
import { textTable } from './text-table.ts'

/** Tasks with state, tries and time. */
export function tasksText(run: RunView): string {
  return textTable(
    [
      { title: 'task' },
      { title: 'state' },
      { title: 'tries', align: 'right' },
      { title: 'time', align: 'right' },
    ],
    run.tasks.map((task) => [
      task.id,
      `${taskLook[task.state].glyph} ${taskLook[task.state].word}`,
      String(tryCount(task)),
      tryCount(task) === 0 ? '–' : duration(task.durationMs),
    ]),
  )
}

/** Tables that the run wrote, with their rows. */
export function tablesText(tables: readonly TableView[]): string {
  return textTable(
    [{ title: 'table' }, { title: 'rows', align: 'right' }, { title: 'of this run', align: 'right' }],
    tables.map((table) => [
      table.table,
      withCommas(table.rows),
      table.rowsOfRun === null ? '–' : withCommas(table.rowsOfRun),
    ]),
  )
}

/** What went wrong, one line per failed task, with the line that declared it. */
export function failuresText(run: RunView): string {
  const failed = run.tasks.filter((task) => task.error !== null)
  if (failed.length === 0) return `the run failed: ${run.error?.message ?? 'no reason was given'}`
  return failed.map((task) => failureText(task, run.runId)).join('\n')
}

function failureText({ id, error, at }: TaskView, runId: string): string {
  const code = error === null || error.code === null ? '' : `${error.code}: `
  const explained = error?.code?.startsWith('DAG') ? `\n  fix: dag explain ${error.code}` : ''
  // What the container wrote before it broke says more than that it did.
  const logged = error?.code === 'infrastructure' ? `\n  fix: see dag runs logs ${runId} --task ${id}` : ''
  const more = explained + logged
  return `${id} failed: ${code}${error?.message ?? ''}${at === null ? '' : `\n  at ${at}`}${more}`
}

/** Charts one below the other. */
export function chartsText(charts: readonly ChartView[]): string {
  return charts.map(chartBars).join('\n\n')
}

/** The one JSON document of `--json`. */
export function runJson(run: RunView, tables: readonly TableView[], report: string | null): string {
  return JSON.stringify(
    {
      run_id: run.runId,
      dag: run.dag,
      state: run.state,
      logical_date: run.logicalDate,
      execution: run.execution,
      billed_steps: run.billedSteps,
      tasks: run.tasks.map((task) => ({
        id: task.id,
        state: task.state,
        tries: tryCount(task),
        started_at: time(task.start),
        ended_at: time(task.end),
        duration_ms: task.durationMs,
        reason: task.reason ?? undefined,
        decision: task.decision ?? undefined,
        restored: task.restored || undefined,
        instances: task.instances?.counts,
        waiting: task.waiting ?? undefined,
        error:
          task.error === null
            ? undefined
            : { code: task.error.code, message: task.error.message, at: task.at },
      })),
      tables: tables.map(({ table, rows }) => ({ table, rows })),
      report,
    },
    null,
    2,
  )
}

function time(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
