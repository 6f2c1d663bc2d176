import type { Subworkflow } from '../language.ts'
import { answerOutput, picked, withoutNulls } from './answers.ts'
import { calledNames } from './called-names.ts'
import { expandMap, itemOf, listOf } from './expand-map.ts'
import { describeError } from './describe-error.ts'
import { canFinishAgain, finishRun } from './finish.ts'
import { instancesResult } from './instances-result.ts'
import { keepResult } from './keep-result.ts'
import { lockRun } from './lock.ts'
import { logTask } from './log-task.ts'
import { retryDelay } from './retry-delay.ts'
import { settle } from './settle.ts'
import { jobRequest, modelRequest, partitionQuery } from './requests.ts'
import {
  runEvent,
  taskEvent,
  tellPlainAddress,
  tellSecretAddress,
  tellSignedAddress,
  tellTopic,
} from './tell.ts'
import { labelOf, triggerRequest } from './trigger.ts'
import { chosenCases, compare, textOrNull, valueAt } from './values.ts'

/** Subworkflows that tasks share, in the order in which they stand in a source. */
const helpers: readonly Subworkflow[] = [
  settle,
  describeError,
  retryDelay,
  jobRequest,
  modelRequest,
  keepResult,
  chosenCases,
  compare,
  valueAt,
  answerOutput,
  picked,
  withoutNulls,
  expandMap,
  listOf,
  itemOf,
  instancesResult,
  partitionQuery,
  textOrNull,
  labelOf,
  triggerRequest,
  lockRun,
  finishRun,
  canFinishAgain,
  logTask,
  runEvent,
  taskEvent,
  tellTopic,
  tellPlainAddress,
  tellSignedAddress,
  tellSecretAddress,
]

/** Those that the tasks call, directly or not, and those that every run calls. */
export function helpersFor(routines: readonly Subworkflow[]): readonly Subworkflow[] {
  const byName = new Map(helpers.map((helper) => [helper.name, helper]))
  const needed = new Set<Subworkflow>()
  const pending = [...routines, lockRun, finishRun, canFinishAgain]
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (byName.get(next.name) === next) needed.add(next)
    for (const name of calledNames(next)) {
      const helper = byName.get(name)
      if (helper && !needed.has(helper)) pending.push(helper)
    }
  }
  return helpers.filter((helper) => needed.has(helper))
}
