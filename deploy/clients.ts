import type { BigQuery } from '@google-cloud/bigquery'
import type { ExecutionsClient as JobExecutionsClient, JobsClient } from '@google-cloud/run'
import type { Storage } from '@google-cloud/storage'
import type { ExecutionsClient, WorkflowsClient } from '@google-cloud/workflows'
import type { Environment } from './environment.ts'
import { UserError } from './user-error.ts'

/**
 * Google's clients for one environment, each loaded when it is first asked for. All of them speak REST, on Google
 * Cloud as well as against the emulator, so that there is one code path.
 */
export interface Clients {
  readonly environment: Environment
  workflows(): Promise<WorkflowsClient>
  executions(): Promise<ExecutionsClient>
  jobs(): Promise<JobsClient>
  /** Executions of Cloud Run jobs. */
  jobExecutions(): Promise<JobExecutionsClient>
  storage(): Promise<Storage>
  bigquery(): Promise<BigQuery>
  /** Root of the Workflow Executions API, for what its client cannot read: step entries. */
  readonly executionsUrl: string
  /** Root of the Logging API. */
  readonly loggingUrl: string
  /** A bearer token for these APIs; null against the emulator. */
  token(): Promise<string | null>
  /** Closes the connections. */
  close(): Promise<void>
}

/** The only place that builds a client: loopback without credentials locally, default credentials otherwise. */
export function connect(environment: Environment): Clients {
  const closing: (() => Promise<void>)[] = []
  const emulator = environment.emulator

  // Asked for before a client is made: clients that find none end the process instead of their calls.
  const credentials = once(async () => {
    const { GoogleAuth } = await import('google-gax')
    const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })
    await auth.getClient().catch((error: unknown) => {
      throw signedOut(environment, error)
    })
    return auth
  })

  const generated = async () => {
    if (emulator === null) return { fallback: true, auth: await credentials() } as const
    const { hostname, port } = new URL(emulator)
    const { GoogleAuth } = await import('google-gax')
    const auth = new GoogleAuth({ authClient: await passThrough() })
    return { fallback: true, protocol: 'http', apiEndpoint: hostname, port: Number(port), auth } as const
  }

  return {
    environment,
    workflows: once(async () => {
      const [{ v1 }, options] = await Promise.all([import('@google-cloud/workflows'), generated()])
      const client = new v1.WorkflowsClient(options)
      closing.push(() => client.close())
      return client
    }),
    executions: once(async () => {
      const [{ v1 }, options] = await Promise.all([import('@google-cloud/workflows'), generated()])
      const client = new v1.ExecutionsClient(options)
      closing.push(() => client.close())
      return client
    }),
    jobs: once(async () => {
      const [{ JobsClient }, options] = await Promise.all([import('@google-cloud/run'), generated()])
      const client = new JobsClient(options)
      closing.push(() => client.close())
      return client
    }),
    jobExecutions: once(async () => {
      const [{ ExecutionsClient }, options] = await Promise.all([import('@google-cloud/run'), generated()])
      const client = new ExecutionsClient(options)
      closing.push(() => client.close())
      return client
    }),
    storage: once(async () => {
      if (emulator === null) await credentials()
      const { Storage, IdempotencyStrategy } = await import('@google-cloud/storage')
      // The default strategy stops retrying for good after one unconditional write has failed.
      const retryOptions = { idempotencyStrategy: IdempotencyStrategy.RetryAlways }
      const endpoint = emulator === null ? {} : { apiEndpoint: emulator }
      return new Storage({ projectId: environment.project, retryOptions, ...endpoint })
    }),
    bigquery: once(async () => {
      const { BigQuery } = await import('@google-cloud/bigquery')
      const own = { projectId: environment.project, location: environment.datasetLocation }
      if (emulator === null) {
        await credentials()
        return new BigQuery(own)
      }
      // What fails on this machine does not get better by waiting.
      const retryOptions = { autoRetry: false }
      // @ts-expect-error The packages bring copies of the auth library whose private fields do not match.
      return new BigQuery({ ...own, retryOptions, apiEndpoint: emulator, authClient: await passThrough() })
    }),
    executionsUrl: emulator ?? 'https://workflowexecutions.googleapis.com',
    loggingUrl: emulator ?? 'https://logging.googleapis.com',
    token: async () => {
      if (emulator !== null) return null
      const auth = await credentials()
      const token = await auth.getAccessToken().catch((error: unknown) => {
        throw signedOut(environment, error)
      })
      return token ?? null
    },
    close: async () => {
      await Promise.all(closing.map((close) => close()))
    },
  }
}

function signedOut({ name }: Environment, cause: unknown): UserError {
  const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
  return new UserError('DAG805', `there are no credentials for Google Cloud: ${reason}`, {
    place: `environment ${name}`,
    hint: 'sign in with `gcloud auth application-default login`, or let GOOGLE_APPLICATION_CREDENTIALS name a key file',
    cause,
  })
}

async function passThrough() {
  const { PassThroughClient } = await import('google-auth-library')
  return new PassThroughClient()
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
