export { compileWorkflow } from './compile.ts'
export { CompileError } from './compile-error.ts'
export {
  asRaised,
  authError,
  connectionError,
  connectionFailedError,
  httpError,
  operationError,
  RaisedError,
  resourceLimitError,
  responseTypeError,
  systemError,
  taggedError,
  tagsOf,
  timeoutError,
  typeError,
  valueError,
} from './errors.ts'
export { JsonError, parseJson, writeJson } from './json.ts'
export { chooseReadings, parseReading, READINGS } from './readings.ts'
export { int, isList, isMap, mapOf, typeName } from './value.ts'
export type * from './execution.ts'
export type * from './history.ts'
export type * from './host.ts'
export type { Readings } from './readings.ts'
export type { RuntimeList, RuntimeMap, RuntimeValue } from './value.ts'
