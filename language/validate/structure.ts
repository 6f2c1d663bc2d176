import { limits } from '../limits.ts'
import type { Block, Step, StepBody, TryBody } from '../syntax.ts'
import { refuseStep, type BodyCheck, type Place } from './place.ts'
import { expressionsOf } from './values.ts'

const reserved = new Set(['end', 'break', 'continue'])

/** Limits and rules on the shape of one step body. */
export const checkStructure: BodyCheck = (body, place) => {
  checkExpressionLengths(body, place)
  switch (body.kind) {
    case 'assign':
      checkCount(body.assignments.length, 'assignments', place)
      return
    case 'switch':
      checkCount(body.conditions.length, 'conditions', place)
      return
    case 'steps':
      checkSteps(body.steps, place)
      return
    case 'for':
      checkSteps(body.loop.steps, place)
      return
    case 'parallel':
      if (body.branches !== undefined) checkCount(body.branches.length, 'branches', place)
      for (const branch of body.branches ?? []) checkSteps(branch.steps, place)
      if (body.loop !== undefined) checkSteps(body.loop.steps, place)
      checkNesting(place)
      return
    case 'try':
      checkTry(body, place)
      return
    default:
  }
}

function checkCount(count: number, what: 'assignments' | 'conditions' | 'branches', place: Place): void {
  const { name, value } = limits[what]
  if (count > value) refuseStep(place, 'limit-exceeded', `${name}: ${count} exceeds the limit of ${value}`)
  if (count === 0) refuseStep(place, 'limit-exceeded', `${name}: there must be at least one`)
  if (what === 'branches' && count === 1) {
    const { value: least } = limits.minimumBranches
    refuseStep(place, 'limit-exceeded', `${name}: 1 is below the minimum of ${least}`)
  }
}

function checkExpressionLengths(body: StepBody, place: Place): void {
  const { value: most } = limits.expressionLength
  for (const { source, what, position } of expressionsOf(body)) {
    // Characters, of which some are two units of a JavaScript string.
    const length = source.length <= most ? source.length : Array.from(source).length
    if (length <= most) continue
    const message = `expression of ${length} characters exceeds the limit of ${most}`
    refuseStep(place, 'limit-exceeded', `error evaluating ${what}: ${message}`, position ?? place.position)
  }
}

function checkNesting(place: Place): void {
  const { value: most } = limits.parallelDepth
  if (place.build.readings.parallelNesting === 'accepted' || place.parallelDepth < most) return
  refuseStep(place, 'limit-exceeded', `parallel steps are nested deeper than ${most} levels`)
}

/** https://cloud.google.com/workflows/docs/known-issues */
function checkTry(body: TryBody, place: Place): void {
  if (isBareLoop(body.body)) refuseStep(place, 'bad-loop', 'loop step name should not be empty')
  if (body.except !== undefined) checkSteps(body.except.steps, place)
}

function isBareLoop(block: Block): boolean {
  return block.kind === 'for'
}

function checkSteps(steps: readonly Step[], place: Place): void {
  for (const { message, code, position } of stepListProblems(steps)) {
    refuseStep(place, code, message, position ?? place.position)
  }
}

interface StepListProblem {
  readonly code: 'limit-exceeded' | 'reserved-name'
  readonly message: string
  readonly position: Step['position']
}

/** What is wrong with the names of a list of steps, or with its length. */
export function stepListProblems(steps: readonly Step[]): readonly StepListProblem[] {
  if (steps.length === 0) {
    return [{ code: 'limit-exceeded', message: 'a list of steps must not be empty', position: undefined }]
  }
  return steps
    .filter(({ name }) => reserved.has(name))
    .map(({ name, position }) => ({
      code: 'reserved-name',
      message: `step name '${name}' is reserved`,
      position,
    }))
}
