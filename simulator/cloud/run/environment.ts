import type { Container } from './resource.ts'

/** What a job's task sees of the machine it runs on; all else comes from the job. */
export const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'SystemRoot'] as const

export interface TaskIdentity {
  readonly project: string
  readonly job: string
  readonly execution: string
  readonly index: number
  readonly attempt: number
  readonly count: number
}

/**
 * Environment of one task: docs/architecture.md, "The local cloud". `stepEnv` wins over what the job's template
 * says, so that a local run can point a step elsewhere; `overrides` of the run win over both. Throws where a
 * secret has no local value.
 */
export function taskEnvironment(
  container: Container,
  overridden: ReadonlySet<string>,
  stepEnv: Readonly<Record<string, string>>,
  emulatorUrl: string,
  task: TaskIdentity,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {}
  for (const name of passedOn) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  Object.assign(env, stepEnv)
  for (const variable of container.env ?? []) {
    const { name } = variable
    if (Object.hasOwn(stepEnv, name) && !overridden.has(name)) continue
    const secret = variable.valueSource?.secretKeyRef
    if (secret !== undefined) {
      throw new Error(
        `The variable ${name} comes from the secret "${secret.secret}", which has no local value: set ${name} in .env`,
      )
    }
    env[name] = variable.value ?? ''
  }
  return {
    ...env,
    GOOGLE_CLOUD_PROJECT: task.project,
    CLOUD_RUN_JOB: task.job,
    CLOUD_RUN_EXECUTION: task.execution,
    CLOUD_RUN_TASK_INDEX: String(task.index),
    CLOUD_RUN_TASK_ATTEMPT: String(task.attempt),
    CLOUD_RUN_TASK_COUNT: String(task.count),
    STORAGE_EMULATOR_HOST: emulatorUrl,
    BIGQUERY_EMULATOR_HOST: emulatorUrl,
    METADATA_SERVER_DETECTION: 'none',
  }
}
