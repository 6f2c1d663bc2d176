import type { z } from 'zod'
import { z as zod } from 'zod'
import { manifestSchema, type Manifest } from '../../artifact/manifest.ts'
import {
  renderSql,
  tableId,
  type DagDefinition,
  type GroupDefinition,
  type Model,
  type TaskDefinition,
} from '../../dsl/index.ts'
import type { Graph } from '../graph/graph.ts'
import { mentionedModels, readsOf, writesOf } from '../graph/tables.ts'
import { hookSecrets, hookVariable, notifyJobId, notifyTask } from '../hook-secrets.ts'
import { notifySeconds } from '../lower/helpers/tell.ts'
import { loadTable, loadTableText, opsDataset } from '../models/load-table.ts'
import type { Procedure } from '../models/procedure.ts'
import { jobId } from '../names.ts'
import { columnsOf } from './columns.ts'
import { layerText } from './layers.ts'
import { identitiesOf } from './identities.ts'

/** What deploying and reading the DAG needs besides the YAML. */
export function manifestOf(
  definition: DagDefinition,
  graph: Graph,
  procedures: readonly Procedure[],
): Manifest {
  const models = mentionedModels(graph.tasks)
  const loads = loadTableText(definition.id)
  const ops = procedures.some(({ sql }) => sql.includes(loads))
  const manifest: Manifest = {
    version: 1,
    dag: definition.id,
    description: definition.description,
    schedule: definition.schedule && {
      cron: definition.schedule.cron,
      timeZone: definition.schedule.timeZone,
    },
    maxActiveRuns: definition.maxActiveRuns,
    params: paramsSchema(definition.params),
    workflow: { id: definition.id, file: 'workflow.yaml', env: ['DAG_BUCKET', 'DAG_DATASET_LOCATION'] },
    tasks: graph.tasks.map((task) => manifestTask(task, graph, definition.groups)),
    jobs: [...jobsOf(definition.id, graph.tasks), ...notifyJobsOf(definition)],
    datasets: [...datasetsOf(models), ...(ops ? [opsDatasetOf(definition.id)] : [])],
    tables: [
      ...models.map(tableOf),
      ...(ops ? [{ ...tableOf(loadTable(definition.id)), layer: 'ops' as const }] : []),
    ],
    routines: procedures.map(({ dataset, routine, model, file }) => ({ dataset, routine, model, file })),
    identities: identitiesOf(definition, graph.tasks),
  }
  return manifestSchema.parse(manifest)
}

/** https://json-schema.org/draft/2020-12; `$schema` itself says nothing to our readers. */
function paramsSchema(params: z.ZodObject): Record<string, unknown> {
  const { $schema: _, ...schema } = zod.toJSONSchema(params, { io: 'input' })
  return schema
}

function manifestTask(
  task: TaskDefinition,
  graph: Graph,
  groups: readonly GroupDefinition[],
): Manifest['tasks'][number] {
  const around = groups.filter(({ path }) => task.group === path || task.group?.startsWith(`${path}.`))
  const mapped =
    (task.kind === 'step' && task.mapping !== null) || around.some(({ mapping }) => mapping !== null)
  return {
    id: task.id,
    kind: task.kind,
    group: task.group,
    upstream: [...(graph.reduced.get(task.id) ?? [])],
    reads: [...readsOf(task)],
    writes: [...writesOf(task)],
    runs: runsOf(task),
    retries: task.retry.retries,
    timeoutSeconds: task.timeoutSeconds,
    ...(mapped && { mapped }),
    ...(task.triggerRule !== 'all_success' && { triggerRule: task.triggerRule }),
    ...(task.kind === 'approval' && { message: task.message }),
    ...(task.kind === 'trigger' && task.wait && { waits: true as const }),
    ...(task.teardown && { teardownOf: [...task.teardown.setups] }),
  }
}

function runsOf(task: TaskDefinition): string {
  switch (task.kind) {
    case 'step':
      return task.contract.name
    case 'model':
      return tableId(task.model)
    case 'trigger':
      return task.dag
    default:
      return ''
  }
}

function jobsOf(dag: string, tasks: readonly TaskDefinition[]): Manifest['jobs'] {
  return tasks.flatMap((task) => {
    if (task.kind !== 'step') return []
    const { image, name, resources, secrets, env } = task.contract
    return {
      id: jobId(dag, task.id),
      task: task.id,
      image,
      args: [name],
      timeoutSeconds: task.timeoutSeconds,
      cpu: resources.cpu,
      memory: resources.memory,
      secrets: { ...secrets },
      env: [...env],
    }
  })
}

/** The job of the built-in step that posts to addresses which are secrets; steps/runtime/notify. */
function notifyJobsOf(definition: DagDefinition): Manifest['jobs'] {
  const secrets = hookSecrets(definition)
  if (secrets.length === 0) return []
  const image = definition.tasks.find((task) => task.kind === 'step')?.contract.image ?? 'steps'
  return [
    {
      id: notifyJobId(definition.id),
      task: notifyTask,
      image,
      args: ['dagwright/notify'],
      timeoutSeconds: notifySeconds,
      cpu: '1',
      memory: '512Mi',
      secrets: Object.fromEntries(secrets.map((secret) => [hookVariable(secret), secret])),
      env: [],
    },
  ]
}

function datasetsOf(models: readonly Model[]): Manifest['datasets'] {
  const byId = new Map(models.map((model) => [model.dataset, model.layer]))
  return [...byId].map(([id, layer]) => ({ id, layer, description: `Layer ${layer}, ${layerText[layer]}` }))
}

function opsDatasetOf(dag: string): Manifest['datasets'][number] {
  return { id: opsDataset(dag), layer: 'ops', description: `What runs of ${dag} have built and tested` }
}

function tableOf(model: Model): Manifest['tables'][number] {
  return {
    dataset: model.dataset,
    table: model.table,
    layer: model.layer,
    description: model.description,
    columns: columnsOf(model),
    primaryKey: [...model.primaryKey],
    partition:
      model.partitionBy === null ? null : { column: model.partitionBy, expirationDays: model.retentionDays },
    clusterBy: [...model.clusterBy],
    ...(Object.keys(model.labels).length > 0 && { labels: { ...model.labels } }),
    ...(model.requirePartitionFilter && { requirePartitionFilter: true as const }),
    ...(model.write?.kind === 'view' && model.sql !== null && { query: renderSql(model.sql) }),
  }
}
