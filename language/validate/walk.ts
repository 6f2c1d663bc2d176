import type { Loop, ParallelBody, Step, StepBody, Subworkflow } from '../syntax.ts'
import type { BodyCheck, Build, Place, Targets } from './place.ts'
import { Scope } from './scope.ts'

type Surroundings = Omit<Place, 'step' | 'position' | 'targets'> & { readonly targets: Targets | undefined }

/** Runs the checks on every step body of a subworkflow, each with the place where it stands. */
export function walkSubworkflow(build: Build, subworkflow: Subworkflow, checks: readonly BodyCheck[]): void {
  const params = subworkflow.params.map((param) => param.name)
  const sharingDeclares = build.readings.undeclaredShared === 'accepted'
  const scope = Scope.routine(params, subworkflow.steps, sharingDeclares)
  const surroundings: Surroundings = { build, scope, targets: undefined, loop: undefined, parallelDepth: 0 }
  walkSteps(subworkflow.steps, surroundings, checks)
}

function walkSteps(steps: readonly Step[], around: Surroundings, checks: readonly BodyCheck[]): void {
  const names = new Map<string, number>()
  for (const { name } of steps) names.set(name, (names.get(name) ?? 0) + 1)
  const targets: Targets = { names, outer: around.targets }
  for (const step of steps) {
    walkBody(step.body, { ...around, targets, step, position: step.position }, checks)
  }
}

function walkBody(body: StepBody, place: Place, checks: readonly BodyCheck[]): void {
  for (const check of checks) check(body, place)
  switch (body.kind) {
    case 'steps':
      walkSteps(body.steps, place, checks)
      return
    case 'switch':
      for (const entry of body.conditions) {
        walkBody(entry.body, { ...place, position: entry.position ?? place.position }, checks)
      }
      return
    case 'for': {
      const scope = place.scope.block(loopNames(body.loop), body.loop.steps)
      walkSteps(body.loop.steps, { ...place, scope, loop: 'loop' }, checks)
      return
    }
    case 'parallel':
      walkParallel(body, place, checks)
      return
    case 'try':
      walkBody(body.body, place, checks)
      if (body.except !== undefined) {
        const { as, steps } = body.except
        walkSteps(steps, { ...place, scope: place.scope.block(as === undefined ? [] : [as], steps) }, checks)
      }
      return
    default:
  }
}

/** Jumps cannot cross the border of a branch or iteration, so no target around it is visible inside. */
function walkParallel(body: ParallelBody, place: Place, checks: readonly BodyCheck[]): void {
  const inside = { ...place, targets: undefined, parallelDepth: place.parallelDepth + 1 }
  for (const { steps } of body.branches ?? []) {
    walkSteps(
      steps,
      { ...inside, scope: place.scope.branch([], body.shared, steps), loop: undefined },
      checks,
    )
  }
  if (body.loop !== undefined) {
    const scope = place.scope.branch(loopNames(body.loop), body.shared, body.loop.steps)
    walkSteps(body.loop.steps, { ...inside, scope, loop: 'parallel' }, checks)
  }
}

/** The variables that a loop brings. */
export function loopNames(loop: Loop): string[] {
  return loop.index === undefined ? [loop.value] : [loop.value, loop.index]
}
