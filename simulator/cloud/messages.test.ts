import { describe, expect, it } from 'vitest'
import { ApiError } from './errors.ts'
import { createMessageReader } from './messages.ts'

const workflows = createMessageReader('@google-cloud/workflows', {
  'google.cloud.workflows.executions.v1.Execution': {
    executionHistoryLevel: { type: 'google.cloud.workflows.v1.ExecutionHistoryLevel' },
  },
})
const run = createMessageReader('@google-cloud/run')
const workflow = 'google.cloud.workflows.v1.Workflow'
const execution = 'google.cloud.workflows.executions.v1.Execution'
const job = 'google.cloud.run.v2.Job'

const refusal = (read: () => unknown): string => {
  try {
    read()
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return error.message
    throw error
  }
  return 'accepted'
}

describe('messages', () => {
  it('brings names and enums to one spelling and drops output-only fields', () => {
    expect(
      workflows.read(workflow, {
        source_contents: 'x',
        callLogLevel: 2,
        executionHistoryLevel: 'EXECUTION_HISTORY_BASIC',
        labels: { a: 'b' },
        revisionId: '000009-abc',
        description: null,
      }),
    ).toEqual({
      sourceContents: 'x',
      callLogLevel: 'LOG_ERRORS_ONLY',
      executionHistoryLevel: 'EXECUTION_HISTORY_BASIC',
      labels: { a: 'b' },
    })
  })

  it('knows fields that only REST has, where it is told', () => {
    expect(workflows.read(execution, { executionHistoryLevel: 2 })).toEqual({
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
    })
    expect(refusal(() => workflows.read(execution, { createTime: '2024-01-01T00:00:00Z' }))).toContain(
      'createTime',
    )
  })

  it('reads nested and repeated messages', () => {
    const body = {
      template: {
        taskCount: '2',
        template: {
          timeout: '60s',
          containers: [{ image: 'i', env: [{ name: 'A', value: 'x' }], resources: { limits: { cpu: '1' } } }],
        },
      },
    }
    expect(run.read(job, body)).toEqual({ template: { ...body.template, taskCount: 2 } })
  })

  it.each([
    [workflow, { nope: 1 }, 'Unknown name "nope": Cannot find field.'],
    [workflow, { __proto__x: 1 }, 'Unknown name'],
    [workflow, JSON.parse('{"__proto__": {"a": 1}}'), 'Unknown name "__proto__"'],
    [workflow, { constructor: 'x' }, 'Unknown name "constructor"'],
    [workflow, [], "Invalid value at '(root)'"],
    [workflow, { labels: [] }, "Invalid value at 'labels'"],
    [
      workflow,
      { callLogLevel: 'constructor' },
      'Invalid value at \'call_log_level\' (type.googleapis.com/google.cloud.workflows.v1.Workflow.CallLogLevel), "constructor"',
    ],
    [job, { template: { template: { containers: {} } } }, "'template.template.containers'"],
    [
      job,
      { template: { template: { containers: [{ imagine: 'x' }] } } },
      "at 'template.template.containers[0]'",
    ],
    [job, { template: { taskCount: 1.5 } }, "'template.task_count' (TYPE_INT32), 1.5"],
    [job, { template: { template: { timeout: { seconds: 1 } } } }, "'template.template.timeout'"],
    [
      job,
      { template: { template: { containers: [{ env: [{ name: 'A', value: 'x', valueSource: {} }] }] } } },
      'oneof field is already set: value, value_source',
    ],
  ])('refuses for %s %j', (type, body, message) => {
    const reader = type === job ? run : workflows
    expect(refusal(() => reader.read(type, body))).toContain(message)
  })
})
