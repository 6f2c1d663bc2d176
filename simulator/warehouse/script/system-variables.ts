import { timestampSql } from '../analyze/coerce.ts'
import { intLiteral, nullOf, stringLiteral, type Typed, typed } from '../analyze/typed.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Expression } from '../../../sql/syntax.ts'
import { INT64, STRING, TIMESTAMP } from '../types/type.ts'
import type { Session } from './session.ts'

/** https://cloud.google.com/bigquery/docs/reference/system-variables */
export function systemVariables(session: Session): ReadonlyMap<string, Typed> {
  const { request } = session
  const text = (value: string | null | undefined): Typed =>
    value === null || value === undefined ? nullOf(STRING) : typed(stringLiteral(value).sql, STRING)
  const zero = typed(intLiteral(0n).sql, INT64)
  return new Map<string, Typed>([
    ['project_id', text(request.project)],
    ['dataset_project_id', text(request.project)],
    ['dataset_id', text(session.defaultDataset)],
    ['time_zone', text('UTC')],
    ['query_label', text(session.queryLabel)],
    ['session_id', text(null)],
    ['current_job_id', text(request.jobId)],
    ['script.job_id', text(request.jobId)],
    ['last_job_id', text(session.lastJobId)],
    [
      'row_count',
      session.rowCount === null ? nullOf(INT64) : typed(intLiteral(BigInt(session.rowCount)).sql, INT64),
    ],
    ['script.num_child_jobs', typed(intLiteral(BigInt(session.children)).sql, INT64)],
    ['script.bytes_processed', zero],
    ['script.bytes_billed', zero],
    ['script.slot_ms', zero],
    ['script.creation_time', typed(timestampSql(BigInt(request.now) * 1000n, false), TIMESTAMP)],
    ...session.errors,
  ])
}

/** SET @@name = value. */
export function setSystemVariable(name: string, value: Expression, session: Session, at: number): void {
  const text =
    value.kind === 'literal' && value.type === 'STRING'
      ? value.text
      : value.kind === 'literal' && value.type === 'NULL'
        ? null
        : undefined
  if (text === undefined) throw unsupported(value.at, `SET @@${name} to anything but a literal`)
  switch (name.toLowerCase()) {
    case 'dataset_id':
      session.defaultDataset = text
      return
    case 'query_label':
      session.queryLabel = text
      return
    case 'time_zone':
      if (text !== 'UTC') throw unsupported(value.at, 'a time zone of the script other than UTC')
      return
    case 'dataset_project_id':
      if (text !== session.request.project) throw unsupported(value.at, 'another project')
      return
    default:
      throw invalid(at, `Cannot set system variable @@${name}`)
  }
}
