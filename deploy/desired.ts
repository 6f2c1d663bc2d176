import type { Compiled } from './compiled.ts'
import { fileOf } from './compiled.ts'
import type { Environment } from './environment.ts'
import type { Resource } from './resource.ts'
import { bucketResource } from './resources/bucket.ts'
import { datasetResource } from './resources/dataset.ts'
import { jobResource } from './resources/job.ts'
import { procedureResource } from './resources/procedure.ts'
import { tableResource } from './resources/table.ts'
import { workflowResource } from './resources/workflow.ts'

/** Everything that a compiled DAG needs in an environment, in dependency order. */
export function desiredResources(compiled: Compiled, environment: Environment): Resource[] {
  const { manifest, files } = compiled
  return [
    bucketResource(environment),
    ...manifest.datasets.map((dataset) => datasetResource(manifest.dag, dataset, environment)),
    ...manifest.tables.map((table) => tableResource(manifest.dag, table)),
    ...manifest.routines.map((routine) =>
      procedureResource(routine, fileOf(files, routine.file), environment),
    ),
    ...manifest.jobs.map((job) => jobResource(manifest.dag, job, environment)),
    workflowResource(compiled, environment),
  ]
}
