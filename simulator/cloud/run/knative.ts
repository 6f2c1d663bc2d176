import { checkLocation, resolveProject, type Place } from '../names.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import type { Jobs } from './jobs.ts'
import { durationMs, readRunRequest, type Condition, type JobExecution } from './resource.ts'

const base = '/apis/run.googleapis.com/v1/namespaces/{namespace}'

/**
 * The part of the v1 (Knative) API that workflows call: run a job, look at its execution.
 * https://cloud.google.com/run/docs/reference/rest/v1/namespaces.jobs/run
 */
export function knativeRoutes(jobs: Jobs, place: Place): ReturnType<typeof routes> {
  const parent = (namespace: string, location: string) =>
    `projects/${resolveProject(namespace, place)}/locations/${checkLocation(location)}`

  return routes([
    {
      method: 'POST',
      path: `${base}/jobs/{job}:run`,
      handle: (request, { namespace, job }) => {
        const { overrides, ...rest } = readJson(request)
        const asked = readRunRequest({
          ...rest,
          ...(overrides === undefined ? {} : { overrides: fromV1(overrides) }),
        })
        const location = request.query.get('location') ?? place.location
        return json(200, toV1(jobs.run(`${parent(namespace, location)}/jobs/${job}`, asked)))
      },
    },
    {
      method: 'GET',
      path: `${base}/executions/{execution}`,
      handle: (request, { namespace, execution }) => {
        const location = request.query.get('location') ?? place.location
        // The service adds a hyphen and five characters to the job's name.
        const job = execution.slice(0, -6)
        return json(
          200,
          toV1(jobs.execution(`${parent(namespace, location)}/jobs/${job}/executions/${execution}`)),
        )
      },
    },
  ])
}

/** v1 has `timeoutSeconds` where v2 has `timeout`. */
function fromV1(overrides: unknown): unknown {
  if (typeof overrides !== 'object' || overrides === null)
    throw new ApiError(400, "Invalid value at 'overrides'")
  const { timeoutSeconds, ...rest } = overrides as Readonly<Record<string, unknown>>
  if (timeoutSeconds === undefined) return rest
  const text = typeof timeoutSeconds === 'number' ? String(timeoutSeconds) : timeoutSeconds
  if (typeof text !== 'string' || !/^\d+$/.test(text))
    throw new ApiError(400, "Invalid value at 'overrides.timeoutSeconds'")
  return { ...rest, timeout: `${text}s` }
}

function toV1(execution: JobExecution): Readonly<Record<string, unknown>> {
  const [, project, , location, , job, , id] = execution.name.split('/')
  const { timeout, ...template } = execution.template
  return {
    apiVersion: 'run.googleapis.com/v1',
    kind: 'Execution',
    metadata: {
      name: id,
      namespace: project,
      uid: execution.uid,
      generation: Number(execution.generation),
      creationTimestamp: execution.createTime,
      labels: {
        ...execution.labels,
        'run.googleapis.com/job': job,
        'cloud.googleapis.com/location': location,
      },
    },
    spec: {
      parallelism: execution.parallelism,
      taskCount: execution.taskCount,
      template: { spec: { ...template, timeoutSeconds: String(durationMs(timeout ?? '600s') / 1000) } },
    },
    status: {
      observedGeneration: Number(execution.observedGeneration),
      startTime: execution.startTime,
      completionTime: execution.completionTime,
      runningCount: execution.runningCount,
      succeededCount: execution.succeededCount,
      failedCount: execution.failedCount,
      cancelledCount: execution.cancelledCount,
      retriedCount: execution.retriedCount,
      logUri: execution.logUri,
      conditions: execution.conditions.map(toV1Condition),
    },
  }
}

function toV1Condition(condition: Condition): Readonly<Record<string, unknown>> {
  const status =
    condition.state === 'CONDITION_SUCCEEDED'
      ? 'True'
      : condition.state === 'CONDITION_FAILED'
        ? 'False'
        : 'Unknown'
  const reason =
    condition.executionReason === 'NON_ZERO_EXIT_CODE'
      ? 'NonZeroExitCode'
      : condition.executionReason === 'CANCELLED'
        ? 'Cancelled'
        : undefined
  return {
    type: condition.type,
    status,
    reason,
    message: condition.message,
    lastTransitionTime: condition.lastTransitionTime,
  }
}
