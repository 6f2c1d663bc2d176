import { limits, type Limit } from '../limits.ts'
import type { Subworkflow } from '../syntax.ts'
import { refuse, type Build } from './place.ts'
import { stepListProblems } from './structure.ts'

/** Rules on the document as a whole and on the head of each subworkflow. */
export function checkDocument(build: Build, sourceBytes: number): void {
  const { name, value } = limits.sourceSize
  if (sourceBytes > value) {
    refuse(build, 'limit-exceeded', `${name}: ${sourceBytes} bytes exceed the limit of ${value}`)
  }
  if (!build.subworkflows.has('main')) refuse(build, 'missing-main', "there is no workflow 'main'")
  const seen = new Set<string>()
  for (const subworkflow of build.document.subworkflows) {
    if (seen.has(subworkflow.name)) {
      refuse(build, 'duplicate-name', `workflow '${subworkflow.name}' is defined twice`, subworkflow.position)
    }
    seen.add(subworkflow.name)
    checkParams(build, subworkflow)
    for (const problem of stepListProblems(subworkflow.steps, build.readings.duplicateSteps)) {
      const message = `error in workflow ${subworkflow.name}: ${problem.message}`
      refuse(build, problem.code, message, problem.position ?? subworkflow.position)
    }
  }
}

function checkParams(build: Build, { name, params, position }: Subworkflow): void {
  const limit: Limit = name === 'main' ? limits.mainParams : limits.params
  if (params.length > limit.value) {
    const message = `error in workflow ${name}: ${limit.name}: ${params.length} exceeds the limit of ${limit.value}`
    refuse(build, 'limit-exceeded', message, position)
  }
  const seen = new Set<string>()
  for (const param of params) {
    if (seen.has(param.name)) {
      const message = `error in workflow ${name}: parameter '${param.name}' is defined twice`
      refuse(build, 'duplicate-name', message, param.position ?? position)
    }
    seen.add(param.name)
  }
}
