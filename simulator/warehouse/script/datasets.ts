import { rootEnv } from '../analyze/context.ts'
import { physicalSchema } from '../catalog/physical.ts'
import { execute } from '../engine/database.ts'
import { invalid, notFound } from '../../../sql/problem.ts'
import type { TablePath } from '../../../sql/syntax.ts'
import type { DatasetMetadata } from '../warehouse.ts'
import { readOptions, type Options } from './options.ts'
import type { Session } from './session.ts'
import { type DdlPlan, type Of, nothing } from './plan.ts'

export function datasetPath(path: TablePath, session: Session): string {
  const parts = [...path.parts]
  if (parts.length === 2 && parts[0] !== session.request.project)
    throw notFound(path.at, `Not found: Project ${parts[0]}`)
  if (parts.length === 0 || parts.length > 2)
    throw invalid(path.at, `Invalid dataset name: ${path.parts.join('.')}`)
  return parts.at(-1)!
}

export function planCreateSchema(statement: Of<'createSchema'>, session: Session): DdlPlan {
  const dataset = datasetPath(statement.path, session)
  const existing = session.database.catalog.dataset(dataset)
  if (existing && statement.ifNotExists) return { ddl: { operation: 'SKIP' }, run: nothing }
  if (existing)
    throw invalid(statement.path.at, `Already Exists: Dataset ${session.request.project}:${dataset}`)
  const options = readOptions(statement.options, rootEnv(session.context()))
  const { now } = session.request
  const metadata: DatasetMetadata = {
    dataset,
    location: options.location ?? 'US',
    labels: options.labels ?? {},
    createdAt: now,
    modifiedAt: now,
    ...datasetOptions(options),
  }
  return {
    ddl: { operation: 'CREATE' },
    run: async (changes) => {
      await execute(session.connection, `CREATE SCHEMA ${physicalSchema(dataset)}`)
      changes.push({ kind: 'putDataset', dataset: metadata })
    },
  }
}

function datasetOptions(options: Options): Partial<DatasetMetadata> {
  return {
    ...(options.description ? { description: options.description } : {}),
    ...(options.defaultTableExpirationMs
      ? { defaultTableExpirationMs: options.defaultTableExpirationMs }
      : {}),
    ...(options.defaultPartitionExpirationMs
      ? { defaultPartitionExpirationMs: options.defaultPartitionExpirationMs }
      : {}),
  }
}

export function planAlterSchema(statement: Of<'alterSchema'>, session: Session): DdlPlan {
  const dataset = datasetPath(statement.path, session)
  const existing = session.database.catalog.dataset(dataset)
  if (!existing) {
    if (statement.ifExists) return { ddl: { operation: 'SKIP' }, run: nothing }
    throw notFound(statement.path.at, `Not found: Dataset ${session.request.project}:${dataset}`)
  }
  const options = readOptions(statement.options, rootEnv(session.context()))
  const cleared: Partial<Record<keyof DatasetMetadata, undefined>> = {
    ...(options.description === null ? { description: undefined } : {}),
    ...(options.defaultTableExpirationMs === null ? { defaultTableExpirationMs: undefined } : {}),
    ...(options.defaultPartitionExpirationMs === null ? { defaultPartitionExpirationMs: undefined } : {}),
  }
  const kept = Object.fromEntries(
    Object.entries(existing).filter(([key]) => !Object.hasOwn(cleared, key)),
  ) as unknown as DatasetMetadata
  const changed: DatasetMetadata = {
    ...kept,
    ...datasetOptions(options),
    labels: options.labels ?? existing.labels,
    modifiedAt: session.request.now,
  }
  return {
    ddl: { operation: 'ALTER' },
    run: async (changes) => void changes.push({ kind: 'putDataset', dataset: changed }),
  }
}
