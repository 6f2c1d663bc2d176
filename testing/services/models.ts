import { z } from '../../dsl/index.ts'
import type { CloudRequest, CloudResponse, CloudService } from '../../simulator/cloud/request.ts'
import type { Outcome } from '../outcome.ts'
import type { MockScene } from '../mock-layer.ts'
import { endOf, type Attempt } from '../stage.ts'
import { errorAnswer, jsonAnswer, readBody } from './answers.ts'

interface MockJob {
  readonly resource: Readonly<Record<string, unknown>>
  readonly attempt: Attempt
  /** When it ends, on the clock; by its timeout where the answer does not come. */
  readonly due: number
  readonly problem: { readonly reason: string; readonly message: string } | null
  noted: boolean
}

const submission = z.object({
  jobReference: z.object({ jobId: z.string(), location: z.string().optional() }),
  configuration: z.looseObject({
    jobTimeoutMs: z.coerce.number().optional(),
    query: z.looseObject({ queryParameters: z.array(z.unknown()).default([]) }),
  }),
})

/** BigQuery's jobs API for the tasks of mocked models: jobs that run no SQL. Other jobs are left to the warehouse. */
export function modelService({ stage, clock, taskOf }: MockScene): CloudService {
  const jobs = new Map<string, MockJob>()

  const submit = async (request: CloudRequest, project: string): Promise<CloudResponse | null> => {
    const id = taskOf(request)
    const task = id === null ? null : stage.mocked(id)
    if (task?.kind !== 'model') return null
    const { jobReference, configuration } = submission.parse(readBody(request))
    const reference = { projectId: project, location: 'US', ...jobReference }
    const key = `${project}/${reference.jobId}`
    if (jobs.has(key))
      return errorAnswer(409, 'duplicate', `Already Exists: Job ${project}:${reference.jobId}`)
    const parameters = configuration.query.queryParameters
    const attempt = await stage.attempt(task, 0, stage.nextTry(task.id, 0), parameters)
    const timeoutMs = configuration.jobTimeoutMs ?? task.timeoutSeconds * 1000
    const late = attempt.outcome.kind === 'time_out' || attempt.delayMs > timeoutMs
    const job: MockJob = {
      resource: {
        kind: 'bigquery#job',
        id: `${project}:${reference.jobId}`,
        jobReference: reference,
        configuration,
      },
      attempt,
      due: clock.now() + (late ? timeoutMs : attempt.delayMs),
      problem: late
        ? { reason: 'stopped', message: `Job execution was cancelled: Job timed out after ${timeoutMs}ms` }
        : problemOf(attempt.outcome),
      noted: false,
    }
    jobs.set(key, job)
    return jsonAnswer(resourceOf(job, clock.now()))
  }

  return {
    name: 'mocked models',
    handle: async (request) => {
      const [, project = '', id] =
        /^\/bigquery\/v2\/projects\/([^/]+)\/jobs(?:\/([^/]+))?$/.exec(request.path) ?? []
      if (project === '') return null
      if (id === undefined) return request.method === 'POST' ? submit(request, project) : null
      const job = request.method === 'GET' ? jobs.get(`${project}/${decodeURIComponent(id)}`) : undefined
      return job === undefined ? null : jsonAnswer(resourceOf(job, clock.now()))
    },
    close: () => Promise.resolve(),
  }
}

function resourceOf(job: MockJob, now: number): object {
  const done = now >= job.due
  if (done && !job.noted) {
    job.noted = true
    const { outcome } = job.attempt
    job.attempt.end(job.problem?.reason === 'stopped' ? 'timed_out' : endOf(outcome), job.due)
  }
  return {
    ...job.resource,
    status: {
      state: done ? 'DONE' : 'RUNNING',
      ...(done && job.problem !== null ? { errorResult: job.problem, errors: [job.problem] } : {}),
    },
    statistics: { creationTime: String(now), startTime: String(now), query: { statementType: 'CALL' } },
  }
}

/** A reason that BigQuery has, so that the workflow judges by it whether another try can help. */
function problemOf(outcome: Outcome): MockJob['problem'] {
  if (outcome.kind !== 'error') return null
  const { code, message, retryable } = outcome
  const reason = retryable === null ? String(code) : retryable ? 'backendError' : 'invalidQuery'
  return reason === String(code) ? { reason, message } : { reason, message: `${code}: ${message}` }
}
