import type { Manifest } from '../artifact/manifest.ts'
import type { Dispatch } from '../simulator/cloud/request.ts'
import { jsonOf, requestOf } from './bucket.ts'
import { parent, place } from './place.ts'

/** Image of the jobs whose containers are mocks. */
export const MOCK_IMAGE = 'mock'

/**
 * Puts a compiled DAG without tables into the local cloud: its bucket, its jobs and its workflow, as `dag deploy` does,
 * but in this process and without Google's clients, which take longer to load than a simulation takes.
 */
export async function install(
  { manifest, source }: { readonly manifest: Manifest; readonly source: string },
  dispatch: Dispatch,
  isMocked: (task: string) => boolean,
): Promise<void> {
  const send = async (path: string, body: object) => jsonOf(await dispatch(requestOf('POST', path, body)))
  await send(`/storage/v1/b?project=${place.project}`, { name: place.bucket })
  for (const job of manifest.jobs) {
    const image = isMocked(job.task) ? MOCK_IMAGE : job.image
    await send(`/v2/${parent}/jobs?jobId=${job.id}`, {
      template: {
        taskCount: 1,
        template: {
          maxRetries: 0,
          timeout: `${job.timeoutSeconds}s`,
          containers: [{ image, args: job.args }],
        },
      },
    })
  }
  const { id, env } = manifest.workflow
  const values: Readonly<Record<string, string>> = {
    DAG_BUCKET: place.bucket,
    DAG_DATASET_LOCATION: place.datasetLocation,
  }
  const operation = await send(`/v1/${parent}/workflows?workflowId=${id}`, {
    sourceContents: source,
    userEnvVars: Object.fromEntries(env.map((name) => [name, values[name] ?? ''])),
    executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
  })
  if (operation['error'] !== undefined) throw new Error(JSON.stringify(operation['error']))
}
