import type { Manifest } from '../artifact/manifest.ts'
import type { CompiledDag } from '../compiler/index.ts'
import type { Emulator } from '../simulator/emulator.ts'
import { jsonOf, requestOf } from './bucket.ts'
import { MOCK_IMAGE } from './mock-image.ts'
import { parent, place } from './place.ts'
import { localClients } from './simulated-cloud.ts'

/**
 * Puts a compiled DAG without tables into the local cloud: its bucket, its jobs and its workflow, as `dag deploy` does,
 * but in this process and without Google's clients, which take longer to load than a simulation takes.
 */
export async function install(
  { manifest, source }: Pick<CompiledDag, 'manifest' | 'source'>,
  { dispatch }: Pick<Emulator, 'dispatch'>,
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

/** Deploys all that a compiled DAG needs, tables and procedures too, as `dag deploy` does. */
export async function installWithTables(
  { files }: Pick<CompiledDag, 'files'>,
  { url }: Pick<Emulator, 'url'>,
  isMocked: (task: string) => boolean,
): Promise<void> {
  const [{ compiledFrom }, { planDeployment }, { applyPlan }] = await Promise.all([
    import('../deploy/compiled.ts'),
    import('../deploy/plan.ts'),
    import('../deploy/apply.ts'),
  ])
  const compiled = withMocks(compiledFrom(files), isMocked)
  const clients = await localClients(url, [...new Set(compiled.manifest.jobs.map(({ image }) => image))])
  try {
    await applyPlan(await planDeployment(compiled, clients), clients)
  } finally {
    await clients.close()
  }
}

/** The same DAG with the containers of mocked tasks replaced. */
export function withMocks<T extends { readonly manifest: Manifest }>(
  compiled: T,
  isMocked: (task: string) => boolean,
): T {
  const { manifest } = compiled
  const jobs = manifest.jobs.map((job) =>
    isMocked(job.task) ? { ...job, image: MOCK_IMAGE, env: [], secrets: {} } : job,
  )
  return { ...compiled, manifest: { ...manifest, jobs } }
}
