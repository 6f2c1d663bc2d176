import { durationMs, type Condition, type JobExecution } from './resource.ts'

/** An execution in the form of the v1 API. */
export function executionToV1(execution: JobExecution): Readonly<Record<string, unknown>> {
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
      conditions: execution.conditions.map(conditionToV1),
    },
  }
}

export function conditionToV1(condition: Condition): Readonly<Record<string, unknown>> {
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
