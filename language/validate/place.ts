import type { Position } from '../position.ts'
import type { BuildProblemCode, Problem } from '../problem.ts'
import type { BuildReadings } from '../readings.ts'
import type { Step, StepBody, Subworkflow, WorkflowDocument } from '../syntax.ts'
import type { Scope } from './scope.ts'

/** Names of the steps that a jump can reach: those of its own list and of the lists around it. */
export interface Targets {
  readonly names: ReadonlyMap<string, number>
  readonly outer: Targets | undefined
}

/** Where in a document a step body stands. */
export interface Place {
  readonly build: Build
  /** The innermost step with a name. */
  readonly step: Step
  readonly position: Position | undefined
  readonly scope: Scope
  readonly targets: Targets
  /** The innermost loop within the innermost parallel branch. */
  readonly loop: 'loop' | 'parallel' | undefined
  /** Parallel steps around, within this subworkflow. */
  readonly parallelDepth: number
}

/** One validation: what is known about the whole document, and what was found so far. */
export interface Build {
  readonly document: WorkflowDocument
  readonly subworkflows: ReadonlyMap<string, Subworkflow>
  readonly readings: BuildReadings
  readonly problems: Problem[]
}

/** Checks one step body; the bodies inside it are checked on their own. */
export type BodyCheck = (body: StepBody, place: Place) => void

const maxProblems = 100

/** Reports a problem of the whole document or of a subworkflow. */
export function refuse(build: Build, code: BuildProblemCode, message: string, position?: Position): void {
  if (build.problems.length >= maxProblems) return
  build.problems.push({ code, message: `failed to build: ${message}`, ...(position && { position }) })
}

/** Reports a problem of a step, in the form that the service uses. */
export function refuseStep(
  place: Place,
  code: BuildProblemCode,
  message: string,
  position = place.position,
): void {
  refuse(place.build, code, `error in step ${place.step.name}: ${message}`, position)
}
