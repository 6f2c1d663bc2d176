import { DagError } from './errors/dag-error.ts'
import { callerOf } from './location.ts'

/** Values of a run that SQL can read, by the variable that holds each; no column of a model may have such a name. */
export const runVariables = {
  id: { name: '_run_id', type: 'STRING' },
  loadId: { name: '_run_load_id', type: 'STRING' },
  date: { name: '_run_date', type: 'DATE' },
  logicalDate: { name: '_run_logical_date', type: 'TIMESTAMP' },
  intervalStart: { name: '_run_interval_start', type: 'TIMESTAMP' },
  intervalEnd: { name: '_run_interval_end', type: 'TIMESTAMP' },
  time: { name: '_run_time', type: 'TIMESTAMP' },
  params: { name: '_run_params', type: 'JSON' },
} as const

export type RunVariable = keyof typeof runVariables

/** Something of the run in SQL. */
export type RunValue = Readonly<
  | { kind: 'run_value'; variable: RunVariable; param: string | null }
  /** From when on rows have not been read yet. */
  | { kind: 'since' }
>

const value = (variable: RunVariable, param: string | null = null): RunValue =>
  Object.freeze({ kind: 'run_value', variable, param })

const paramName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The run, as `sql.run` gives it. */
export const run = Object.freeze({
  /** STRING; the same for every execution of the run. */
  id: value('id'),
  /** STRING; run and execution. */
  loadId: value('loadId'),
  /** DATE; the day of the logical date in the time zone of the DAG. */
  date: value('date'),
  /** TIMESTAMP */
  logicalDate: value('logicalDate'),
  /** TIMESTAMP; first moment of the interval that the run is about. */
  intervalStart: value('intervalStart'),
  /** TIMESTAMP; first moment after it. */
  intervalEnd: value('intervalEnd'),
  /** TIMESTAMP; when the execution started. */
  time: value('time'),
  /** JSON of all params. */
  params: value('params'),
  /**
   * STRING; a param of the run, null where it is no scalar.
   *
   * @throws DagError on a name that no param can have
   */
  param: function param(name: string): RunValue {
    if (paramName.test(name)) return value('params', name)
    throw new DagError('DAG405', `${JSON.stringify(name)} is no name of a param`, {
      at: callerOf(param),
      hint: 'letters, digits and underscores',
    })
  },
})

/** TIMESTAMP; the newest value of the model's watermark that its table holds, less the look-back. */
export const since: RunValue = Object.freeze({ kind: 'since' })

export const sinceVariable = '_since'

/** How SQL reads it. */
export function runValueText(value: RunValue): string {
  if (value.kind === 'since') return sinceVariable
  const { name } = runVariables[value.variable]
  return value.param === null ? name : `JSON_VALUE(${name}, '$.${value.param}')`
}
