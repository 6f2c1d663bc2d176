import { stringLiteral, type Typed, typed, nullOf } from '../analyze/typed.ts'
import { arrayLiteral, packStruct } from '../analyze/coerce.ts'
import { intLiteral } from '../analyze/typed.ts'
import { arrayOf, INT64, STRING, structOf } from '../types/type.ts'
import type { WarehouseError } from '../warehouse.ts'

/** Where a script failed: the statement, and the calls that led to it, innermost first. */
export interface Trace {
  readonly message: string
  readonly statementText: string
  readonly frames: readonly Frame[]
}

interface Frame {
  readonly line: number
  readonly column: number
  /** The procedure, as project.dataset.name; null for the script itself. */
  readonly procedure: string | null
}

const traces = new WeakMap<WarehouseError, Trace>()

export function traceOf(error: WarehouseError): Trace | undefined {
  return traces.get(error)
}

export function remember(error: WarehouseError, trace: Trace): WarehouseError {
  traces.set(error, trace)
  return error
}

const frameType = structOf([
  { name: 'line', type: INT64 },
  { name: 'column', type: INT64 },
  { name: 'filename', type: STRING },
  { name: 'location', type: STRING },
])

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/procedural-language#beginexceptionend */
export function errorVariables(error: WarehouseError): [string, Typed][] {
  const trace = traces.get(error)
  const frames = trace?.frames ?? []
  const text = (value: string | null): Typed =>
    value === null ? nullOf(STRING) : typed(stringLiteral(value).sql, STRING)
  const formatted = frames
    .map(({ line, column, procedure }) => `At ${procedure ?? ''}[${line}:${column}]\n`)
    .join('')
  const stack = arrayLiteral(
    frames.map(({ line, column, procedure }) =>
      packStruct(
        [intLiteral(BigInt(line)), intLiteral(BigInt(column)), nullOf(STRING), text(procedure)],
        frameType as typeof frameType & { kind: 'struct' },
      ),
    ),
    frameType,
  )
  return [
    ['error.message', text(trace?.message ?? error.message)],
    ['error.statement_text', text(trace?.statementText ?? null)],
    ['error.formatted_stack_trace', text(formatted)],
    ['error.stack_trace', typed(stack.sql, arrayOf(frameType))],
  ]
}
