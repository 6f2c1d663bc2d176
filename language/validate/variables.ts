import type { Loop, StepBody } from '../syntax.ts'
import { refuseStep, type Place } from './place.ts'
import { loopNames } from './walk.ts'

/** What is assigned exists or may be created here; loops bring names of their own. */
export function checkVariables(body: StepBody, place: Place): void {
  switch (body.kind) {
    case 'assign':
      for (const { target, position } of body.assignments) {
        if (!place.scope.knows(target.variable)) {
          const message = `symbol '${target.variable}' is neither a variable nor a sub-workflow name`
          refuseStep(
            place,
            'unknown-symbol',
            `error evaluating assignment target '${target.source}': ${message}`,
            position,
          )
        }
        checkShared(target.variable, place, position)
      }
      return
    case 'call':
      if (body.result !== undefined) checkShared(body.result, place, place.position)
      return
    case 'for':
      checkLoop(body.loop, place)
      return
    case 'parallel':
      for (const name of body.shared) {
        if (place.scope.knows(name)) continue
        refuseStep(
          place,
          'unknown-symbol',
          `shared variable '${name}' is not defined before the parallel step`,
        )
      }
      if (body.loop !== undefined) checkLoop(body.loop, place)
      return
    default:
  }
}

/** https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps */
function checkShared(name: string, place: Place, position: Place['position']): void {
  if (!place.scope.isUnshared(name)) return
  const message = `variable '${name}' is assigned in a parallel step but is not listed in its 'shared'`
  refuseStep(place, 'unshared-write', message, position ?? place.position)
}

/**
 * The names of a loop are its own: not those of a loop around it, nor of any variable outside.
 * https://cloud.google.com/workflows/docs/reference/syntax/iteration
 */
function checkLoop(loop: Loop, place: Place): void {
  const names = loopNames(loop)
  if (loop.index === loop.value) {
    refuseStep(place, 'name-conflict', `loop value and index are both named '${loop.value}'`, loop.position)
  }
  for (const name of new Set(names)) {
    if (!place.scope.knows(name)) continue
    refuseStep(place, 'name-conflict', `loop variable '${name}' is used outside of the loop`, loop.position)
  }
}
