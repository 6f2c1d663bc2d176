import { z } from '../../dsl/index.ts'
import type { CloudService } from '../../simulator/cloud/request.ts'
import type { MockScene } from '../mock-layer.ts'
import { endOf, type Attempt } from '../stage.ts'
import { errorAnswer, jsonAnswer, readBody } from './answers.ts'

interface MockExecution {
  readonly resource: Readonly<Record<string, unknown>>
  readonly attempt: Attempt
  readonly due: number
  readonly end: Readonly<Record<string, unknown>>
  noted: boolean
}

const creation = z.object({
  argument: z.string().default('{}'),
  labels: z.record(z.string(), z.string()).default({}),
})

/** Runs of other DAGs that a mocked trigger starts: executions without a workflow. */
export function triggerService({ stage, taskOf, clock }: MockScene): CloudService {
  const executions = new Map<string, MockExecution>()
  const shown = (execution: MockExecution) => {
    const done = clock.now() >= execution.due
    if (done && !execution.noted) {
      execution.noted = true
      execution.attempt.end(endOf(execution.attempt.outcome), execution.due)
    }
    return jsonAnswer({ ...execution.resource, ...(done ? execution.end : { state: 'ACTIVE' }) })
  }
  return {
    name: 'mocked triggers',
    handle: async (request) => {
      const known = request.method === 'GET' ? executions.get(request.path) : undefined
      if (known !== undefined) return shown(known)
      const [, workflow] =
        (request.method === 'POST' &&
          /^\/v1\/(projects\/.+\/workflows\/[^/]+)\/executions$/.exec(request.path)) ||
        []
      const id = workflow === undefined ? null : taskOf(request)
      const task = id === null ? null : stage.mocked(id)
      if (workflow === undefined || task?.kind !== 'trigger') return null
      const { argument, labels } = creation.parse(readBody(request))
      const given = z.looseObject({}).parse(JSON.parse(argument))
      const number = stage.nextTry(task.id, 0)
      const attempt = await stage.attempt(task, 0, number, given)
      const { outcome } = attempt
      if (outcome.kind === 'error' && !task.wait) {
        // Nobody looks how that run ends: what fails is its start.
        attempt.end(endOf(outcome), clock.now())
        return errorAnswer(outcome.retryable === false ? 403 : 500, String(outcome.code), outcome.message)
      }
      const name = `${workflow}/executions/${task.id}-${number}`
      const execution: MockExecution = {
        resource: { name, argument, labels, startTime: new Date(clock.now()).toISOString() },
        attempt,
        due: clock.now() + (attempt.outcome.kind === 'time_out' ? Number.POSITIVE_INFINITY : attempt.delayMs),
        end: endOfRun(attempt, task.dag, given),
        noted: false,
      }
      executions.set(`/v1/${name}`, execution)
      return shown(execution)
    },
    close: () => Promise.resolve(),
  }
}

/** As a run of a DAG ends: docs/architecture.md, "Compiled YAML". */
function endOfRun({ outcome }: Attempt, dag: string, given: Readonly<Record<string, unknown>>) {
  const answer = outcome.kind === 'answer' ? outcome.answer : {}
  const failed = outcome.kind !== 'answer' || answer['state'] === 'failed'
  const run = { dag, run_id: given['run_id'] ?? 'simulated', tasks: {} }
  if (!failed) return { state: 'SUCCEEDED', result: JSON.stringify({ ...run, state: 'success' }) }
  const message = outcome.kind === 'error' ? outcome.message : `DAG ${dag} failed`
  const payload = JSON.stringify({ message, tags: ['DagRunFailed'], ...run, failed: [] })
  return { state: 'FAILED', error: { payload, context: message } }
}
