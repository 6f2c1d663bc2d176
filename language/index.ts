export * from './build.ts'
export { parseExpression } from './expression/parse.ts'
export { printDouble, printExpression } from './expression/print.ts'
export { isVariableName } from './expression/precedence.ts'
export { ExpressionSyntaxError } from './expression/syntax-error.ts'
export type * from './expression/syntax.ts'
export type { Position } from './position.ts'
export { printWorkflow } from './print.ts'
export type * from './syntax.ts'
export { parseTarget } from './target.ts'
export { parseWorkflow, type ParseResult } from './parse.ts'
export type { Problem, ProblemCode } from './problem.ts'
export {
  isConnector,
  libraryFunctions,
  libraryValues,
  type LibraryFunction,
  type LibraryParam,
} from './functions.ts'
export { limits, type Limit } from './limits.ts'
export { buildReadings, defaultBuildReadings, type BuildReadings } from './readings.ts'
export { validateWorkflow } from './validate.ts'
