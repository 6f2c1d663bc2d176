import { isConnector, isExpressionConnector, libraryFunctions, libraryValues } from '../functions.ts'
import type { CallExpression, Expression } from '../expression/syntax.ts'
import type { StepBody } from '../syntax.ts'
import { checkPositional } from './arguments.ts'
import { refuseStep, type Place } from './place.ts'
import { expressionsOf, type PlacedExpression } from './values.ts'

/**
 * Every name in an expression is a variable that some scope around it has, a subworkflow, or part of the standard
 * library. https://cloud.google.com/workflows/docs/troubleshoot
 */
export function checkSymbols(body: StepBody, place: Place): void {
  for (const placed of expressionsOf(body)) checkExpression(placed.expression, placed, place)
}

function checkExpression(expression: Expression, placed: PlacedExpression, place: Place): void {
  switch (expression.kind) {
    case 'literal':
      return
    case 'name':
      checkName(expression.name, placed, place)
      return
    case 'list':
      for (const item of expression.items) checkExpression(item, placed, place)
      return
    case 'member':
      if (!isLibraryValue(expression, place)) checkExpression(expression.target, placed, place)
      return
    case 'index':
      checkExpression(expression.target, placed, place)
      checkExpression(expression.index, placed, place)
      return
    case 'call':
      checkCall(expression, placed, place)
      return
    case 'unary':
      checkExpression(expression.operand, placed, place)
      return
    case 'binary':
      checkExpression(expression.left, placed, place)
      checkExpression(expression.right, placed, place)
  }
}

function checkName(name: string, placed: PlacedExpression, place: Place): void {
  if (place.scope.knows(name) || place.build.subworkflows.has(name)) return
  const message = `symbol '${name}' is neither a variable nor a sub-workflow name`
  refuseStep(place, 'unknown-symbol', `error evaluating ${placed.what}: ${message}`, placed.position)
}

/** `http.default_retry`, `retry.always`: a variable of the module's name hides them. */
function isLibraryValue(expression: Expression, place: Place): boolean {
  const name = dottedName(expression)
  if (name === undefined || place.scope.knows(name.slice(0, name.indexOf('.')))) return false
  return libraryValues.has(name) || libraryFunctions.has(name)
}

function checkCall(call: CallExpression, placed: PlacedExpression, place: Place): void {
  for (const argument of call.args) checkExpression(argument, placed, place)
  const name = dottedName(call.callee)
  if (name === undefined || isExpressionConnector(name)) return
  const problem = callProblem(name, call.args.length, place)
  if (problem === undefined) return
  refuseStep(place, problem.code, `error evaluating ${placed.what}: ${problem.message}`, placed.position)
}

function callProblem(
  name: string,
  count: number,
  place: Place,
): { code: 'unknown-function' | 'blocking-call' | 'bad-arguments'; message: string } | undefined {
  const callee = place.build.subworkflows.get(name) ?? libraryFunctions.get(name)
  if (isConnector(name) || (callee !== undefined && 'blocking' in callee && callee.blocking)) {
    return { code: 'blocking-call', message: `'${name}' blocks and must be a call step` }
  }
  if (callee === undefined) {
    return { code: 'unknown-function', message: `'${name}' is neither a function nor a sub-workflow name` }
  }
  const message = checkPositional(name, callee, count)
  return message === undefined ? undefined : { code: 'bad-arguments', message }
}

/** `a.b.c` of a name and its members. */
function dottedName(expression: Expression): string | undefined {
  const parts: string[] = []
  let part = expression
  while (part.kind === 'member') {
    parts.push(part.name)
    part = part.target
  }
  return part.kind === 'name' ? [part.name, ...parts.toReversed()].join('.') : undefined
}
