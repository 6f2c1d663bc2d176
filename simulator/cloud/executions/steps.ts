import { compileFilter, compileOrder, type FieldResolver } from '../filter.ts'
import { timestamp } from '../names.ts'
import { page } from '../paging.ts'
import { queryParam } from '../query.ts'
import type { CloudRequest, CloudResponse } from '../request.ts'
import { ApiError } from '../routes.ts'
import type { LinkedStep } from './history.ts'

/** `stepEntries.list`: by entry id unless ordered otherwise, filtered, at most 1000 a page. */
export function listSteps(
  steps: readonly LinkedStep[],
  execution: string,
  request: CloudRequest,
): CloudResponse {
  const found = steps.filter(compileFilter(queryParam(request, 'filter'), stepField))
  const order = queryParam(request, 'orderBy')
  const sorted = order === '' ? found : found.toSorted(compileOrder(order, stepOrder))
  const { items, nextPageToken } = page(sorted, request, {
    defaultSize: 1000,
    maxSize: 1000,
    key: (step) => String(step.entryId),
  })
  const token = nextPageToken === undefined ? '' : `"nextPageToken":${JSON.stringify(nextPageToken)},`
  const entries = items.map((step) => entryText(step, execution)).join(',')
  return jsonTextResponse(`{"stepEntries":[${entries}],${token}"totalSize":${found.length}}`)
}

/** `stepEntries.get` */
export function getStep(steps: readonly LinkedStep[], execution: string, id: string): CloudResponse {
  const step = steps.find((one) => String(one.entryId) === id)
  if (step === undefined) throw new ApiError(404, `Step entry "${execution}/stepEntries/${id}" not found`)
  return jsonTextResponse(entryText(step, execution))
}

/** Variables are kept as JSON text and are sent as such: reading them here could lose 64-bit integers. */
function entryText(step: LinkedStep, execution: string): string {
  const entry = JSON.stringify({
    name: `${execution}/stepEntries/${step.entryId}`,
    entryId: String(step.entryId),
    createTime: timestamp(step.createTime),
    updateTime: timestamp(step.updateTime),
    routine: step.routine,
    step: step.step,
    stepType: step.stepType,
    state: step.state,
    ...(step.exception === undefined ? {} : { exception: { payload: step.exception } }),
    navigationInfo: {
      ...(step.parent === null ? {} : { parent: String(step.parent) }),
      ...(step.previous === null ? {} : { previous: String(step.previous) }),
      ...(step.next === null ? {} : { next: String(step.next) }),
      children: step.children.map(String),
    },
    stepEntryMetadata: metadata(step),
  })
  return step.variables === undefined
    ? entry
    : `${entry.slice(0, -1)},"variableData":{"variables":${step.variables}}}`
}

function metadata({ threadId, progress }: LinkedStep): Readonly<Record<string, string>> {
  return {
    threadId,
    ...(progress === undefined
      ? {}
      : {
          progressType: `PROGRESS_TYPE_${progress.type}`,
          progressNumber: String(progress.number),
          ...(progress.expected === undefined ? {} : { expectedIteration: String(progress.expected) }),
        }),
  }
}

function jsonTextResponse(text: string): CloudResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: { bytes: new TextEncoder().encode(text), isJson: true },
  }
}

/** All but the parent. */
const stepOrder: FieldResolver<LinkedStep> = (path) => (path[0] === 'parent' ? null : stepField(path))

const stepField: FieldResolver<LinkedStep> = ([name]) => {
  switch (name) {
    case 'routine':
    case 'step':
    case 'stepType':
    case 'state':
      return { type: 'string', get: (step) => step[name] }
    case 'entryId':
      return { type: 'number', get: (step) => step.entryId }
    case 'parent':
      return { type: 'number', get: (step) => step.parent ?? undefined }
    case 'createTime':
    case 'updateTime':
      return { type: 'time', get: (step) => step[name] }
    default:
      return null
  }
}
