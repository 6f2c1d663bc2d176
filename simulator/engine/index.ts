export { compileWorkflow } from './compile.ts'
export { CompileError } from './compile-error.ts'
export {
  connectionError,
  connectionFailedError,
  httpError,
  operationError,
  RaisedError,
  timeoutError,
} from './errors.ts'
export { parseJson, writeJson } from './json.ts'
export { parseReading, READINGS } from './readings.ts'
export { mapOf } from './value.ts'
export type * from './execution.ts'
export type * from './history.ts'
export type * from './host.ts'
export type { Readings } from './readings.ts'
export type { RuntimeMap, RuntimeValue } from './value.ts'
