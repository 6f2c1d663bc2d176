import { byPosition, type Problem } from './problem.ts'
import { defaultBuildReadings, type BuildReadings } from './readings.ts'
import type { WorkflowDocument } from './syntax.ts'
import { checkCalls } from './validate/arguments.ts'
import { checkDocument } from './validate/document.ts'
import { checkJumps } from './validate/jumps.ts'
import type { Build } from './validate/place.ts'
import { checkStructure } from './validate/structure.ts'
import { checkSymbols } from './validate/symbols.ts'
import { checkVariables } from './validate/variables.ts'
import { walkSubworkflow } from './validate/walk.ts'

/**
 * What the service checks when a source is deployed, beyond its syntax. An empty list: it can be deployed.
 * `sourceBytes` is the size of the source in UTF-8. At most 100 problems are reported, in source order.
 */
export function validateWorkflow(
  document: WorkflowDocument,
  sourceBytes: number,
  readings: Partial<BuildReadings> = {},
): Problem[] {
  const build: Build = {
    document,
    subworkflows: new Map(document.subworkflows.map((subworkflow) => [subworkflow.name, subworkflow])),
    readings: { ...defaultBuildReadings, ...readings },
    problems: [],
  }
  checkDocument(build, sourceBytes)
  const checks = [checkStructure, checkCalls, checkSymbols, checkVariables, checkJumps]
  for (const subworkflow of document.subworkflows) walkSubworkflow(build, subworkflow, checks)
  return build.problems.toSorted(byPosition)
}
