import { z } from 'zod'
import type { RoutineMetadata } from '../../warehouse/warehouse.ts'
import { json, routes } from '../routes.ts'
import { outputOnly, parseBody } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { etagOf } from './job.ts'
import { checkName, checkProject } from './names.ts'
import { invalid, notFound, refusal } from './problem.ts'
import { standardType, standardTypeOf, typeSql } from './standard-type.ts'

const routineBody = z.strictObject({
  ...outputOnly,
  routineReference: z.strictObject({
    projectId: z.string().optional(),
    datasetId: z.string(),
    routineId: z.string(),
  }),
  routineType: z.string(),
  language: z.string().optional(),
  arguments: z
    .array(
      z.strictObject({
        name: z.string(),
        dataType: standardType.optional(),
        argumentKind: z.enum(['FIXED_TYPE', 'ANY_TYPE']).optional(),
        mode: z.enum(['IN', 'OUT', 'INOUT']).optional(),
      }),
    )
    .optional(),
  definitionBody: z.string(),
  returnType: standardType.optional(),
  returnTableType: z
    .strictObject({ columns: z.array(z.strictObject({ name: z.string(), type: standardType })) })
    .optional(),
  description: z.string().optional(),
  strictMode: z.boolean().optional(),
  creationTime: z.unknown().optional(),
  lastModifiedTime: z.unknown().optional(),
})

type RoutineBody = z.output<typeof routineBody>

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/routines; the warehouse has those in SQL. */
export function routineRoutes({ project, warehouse, clock }: BigQueryContext) {
  const get = async (dataset: string, name: string): Promise<RoutineMetadata> => {
    const routine = await warehouse.getRoutine(dataset, name)
    if (routine === null) throw notFound(`Routine ${project}:${dataset}.${name}`)
    return routine
  }
  const define = async (body: RoutineBody, dataset: string, replace: boolean): Promise<RoutineMetadata> => {
    const { datasetId, routineId, projectId } = body.routineReference
    checkProject(projectId, project)
    checkName('routine', routineId, 256)
    if (datasetId !== dataset) throw invalid('The dataset of routineReference is not that of the request')
    const sql = routineDdl(body, replace)
    const result = await warehouse.query({ sql, project, parameters: [], now: clock.now() })
    await result.rows.close()
    return get(datasetId, routineId)
  }
  return routes([
    {
      method: 'POST',
      path: '/projects/{project}/datasets/{dataset}/routines',
      handle: async (request, params) => {
        const body = parseBody(routineBody, request)
        const { routineId } = body.routineReference
        if ((await warehouse.getRoutine(params.dataset, routineId)) !== null) {
          const message = `Already Exists: Routine ${project}:${params.dataset}.${routineId}`
          throw refusal({ reason: 'duplicate', message })
        }
        return json(200, routineResource(await define(body, params.dataset, false), project))
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}/routines',
      handle: async (_, params) => {
        if ((await warehouse.getDataset(params.dataset)) === null)
          throw notFound(`Dataset ${project}:${params.dataset}`)
        const routines = await warehouse.listRoutines(params.dataset)
        return json(
          200,
          routines.length === 0
            ? {}
            : { routines: routines.map((routine) => routineSummary(routine, project)) },
        )
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}/routines/{routine}',
      handle: async (_, params) =>
        json(200, routineResource(await get(params.dataset, params.routine), project)),
    },
    {
      method: 'PUT',
      path: '/projects/{project}/datasets/{dataset}/routines/{routine}',
      handle: async (request, params) => {
        await get(params.dataset, params.routine)
        const body = parseBody(routineBody, request)
        if (body.routineReference.routineId !== params.routine)
          throw invalid('The routine of routineReference is not that of the request')
        return json(200, routineResource(await define(body, params.dataset, true), project))
      },
    },
    {
      method: 'DELETE',
      path: '/projects/{project}/datasets/{dataset}/routines/{routine}',
      handle: async (_, params) => {
        await get(params.dataset, params.routine)
        await warehouse.deleteRoutine(params.dataset, params.routine)
        return { status: 204 }
      },
    },
  ])
}

const types = {
  PROCEDURE: 'PROCEDURE',
  FUNCTION: 'SCALAR_FUNCTION',
  TABLE_FUNCTION: 'TABLE_VALUED_FUNCTION',
} as const satisfies Readonly<Record<RoutineMetadata['kind'], string>>

/** The statement that makes what the body describes. */
function routineDdl(body: RoutineBody, replace: boolean): string {
  const { routineType, routineReference, description, returnType, returnTableType } = body
  const kind = (Object.keys(types) as RoutineMetadata['kind'][]).find((name) => types[name] === routineType)
  if (kind === undefined || (body.language ?? 'SQL') !== 'SQL')
    throw invalid(
      `Unsupported in the local warehouse: routines of type ${routineType} in ${body.language ?? 'SQL'}`,
    )
  const list = (body.arguments ?? []).map((argument) => argumentSql(argument, kind))
  const { datasetId, routineId } = routineReference
  const head = `CREATE${replace ? ' OR REPLACE' : ''} ${kind.replace('_', ' ')} \`${datasetId}\`.\`${routineId}\`(${list.join(', ')})`
  const options =
    description === undefined || description === ''
      ? ''
      : ` OPTIONS(description=${JSON.stringify(description)})`
  const text = body.definitionBody.trim()
  switch (kind) {
    case 'PROCEDURE':
      return `${head}${options}\n${/^BEGIN\b/i.test(text) ? text : `BEGIN\n${text}\nEND`}`
    case 'FUNCTION':
      return `${head}${returnType === undefined ? '' : ` RETURNS ${typeSql(returnType)}`}${options} AS (\n${text}\n)`
    case 'TABLE_FUNCTION': {
      const columns = returnTableType?.columns.map(({ name, type }) => `\`${name}\` ${typeSql(type)}`)
      return `${head}${columns === undefined ? '' : ` RETURNS TABLE<${columns.join(', ')}>`}${options} AS\n${text}`
    }
  }
}

function argumentSql(
  { name, dataType, argumentKind, mode = 'IN' }: NonNullable<RoutineBody['arguments']>[number],
  kind: RoutineMetadata['kind'],
): string {
  checkName('routine', name, 300)
  if (dataType === undefined && argumentKind !== 'ANY_TYPE')
    throw invalid(`Argument ${name} needs a dataType`)
  const type = dataType === undefined || argumentKind === 'ANY_TYPE' ? 'ANY TYPE' : typeSql(dataType)
  return `${kind === 'PROCEDURE' && mode !== 'IN' ? `${mode} ` : ''}\`${name}\` ${type}`
}

function routineSummary(routine: RoutineMetadata, project: string) {
  return {
    etag: etagOf(routine),
    routineReference: { projectId: project, datasetId: routine.dataset, routineId: routine.routine },
    routineType: types[routine.kind],
    language: 'SQL',
    creationTime: String(routine.createdAt),
    lastModifiedTime: String(routine.modifiedAt),
  }
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/routines#resource:-routine */
function routineResource(routine: RoutineMetadata, project: string) {
  const { kind, body, returns, columns, description } = routine
  return {
    ...routineSummary(routine, project),
    ...(routine.arguments.length === 0
      ? {}
      : {
          arguments: routine.arguments.map(({ name, type, mode }) => ({
            name,
            ...(type === 'ANY TYPE' ? { argumentKind: 'ANY_TYPE' } : { dataType: standardTypeOf(type) }),
            ...(kind === 'PROCEDURE' && mode !== undefined ? { mode } : {}),
          })),
        }),
    ...(returns === undefined ? {} : { returnType: standardTypeOf(returns) }),
    ...(columns === undefined
      ? {}
      : {
          returnTableType: {
            columns: columns.map(({ name, type }) => ({ name, type: standardTypeOf(type) })),
          },
        }),
    ...(description === undefined ? {} : { description }),
    definitionBody: body.trim(),
  }
}
