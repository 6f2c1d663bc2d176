import type { StepBody } from '../syntax.ts'
import { refuseStep, type Place } from './place.ts'

/** https://cloud.google.com/workflows/docs/reference/syntax/jumps */
export function checkJumps(body: StepBody, place: Place): void {
  if (body.kind === 'return' && place.parallelDepth > 0) refuseExit('return', place)
  if (body.kind === 'raise' || body.kind === 'return' || body.next === undefined) return
  switch (body.next) {
    case 'end':
      if (place.parallelDepth > 0) refuseExit('next: end', place)
      return
    case 'break':
      if (place.loop === 'parallel') refuseExit('next: break', place)
      else if (place.loop === undefined) refuseStep(place, 'bad-jump', "'break' is not inside a loop")
      return
    case 'continue':
      if (place.loop === undefined) refuseStep(place, 'bad-jump', "'continue' is not inside a loop")
      return
    default:
      checkTarget(body.next, place)
  }
}

function refuseExit(what: string, place: Place): void {
  if (place.build.readings.branchExit !== 'refused') return
  refuseStep(place, 'bad-jump', `'${what}' cannot leave a parallel branch or iteration`)
}

/** A target stands in the same list of steps or in one around it. */
function checkTarget(next: string, place: Place): void {
  for (let targets: Place['targets'] | undefined = place.targets; targets; targets = targets.outer) {
    const count = targets.names.get(next)
    if (count === undefined) continue
    if (count > 1) refuseStep(place, 'duplicate-name', `next step '${next}' is defined ${count} times`)
    return
  }
  refuseStep(place, 'unknown-step', `next step '${next}' is not defined`)
}
