import { z } from 'zod'
import type { RoutineMetadata } from '../../warehouse/warehouse.ts'
import { json, routes } from '../routes.ts'
import { outputOnly, parseBody } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { etagOf } from './job.ts'
import { checkName, checkProject } from './names.ts'
import { invalid, notFound, refusal } from './problem.ts'

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
        dataType: z.looseObject({ typeKind: z.string() }),
        argumentKind: z.literal('FIXED_TYPE').optional(),
        mode: z.literal('IN').optional(),
      }),
    )
    .optional(),
  definitionBody: z.string(),
  description: z.string().max(0).optional(),
  strictMode: z.boolean().optional(),
  creationTime: z.unknown().optional(),
  lastModifiedTime: z.unknown().optional(),
})

type RoutineBody = z.output<typeof routineBody>

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/routines; the warehouse has procedures only. */
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
    const sql = procedureDdl(body, replace)
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

function procedureDdl(body: RoutineBody, replace: boolean): string {
  if (body.routineType !== 'PROCEDURE' || (body.language ?? 'SQL') !== 'SQL')
    throw invalid('Unsupported in the local warehouse: routines other than SQL procedures')
  const { datasetId, routineId } = body.routineReference
  const list = (body.arguments ?? []).map(({ name, dataType }) => {
    checkName('routine', name, 300)
    if (!/^[A-Z0-9]+$/.test(dataType.typeKind) || Object.keys(dataType).length > 1)
      throw invalid(`Unsupported in the local warehouse: argument type ${JSON.stringify(dataType)}`)
    return `\`${name}\` ${dataType.typeKind}`
  })
  const block = body.definitionBody.trim()
  const script = /^BEGIN\b/i.test(block) ? block : `BEGIN\n${block}\nEND`
  return `CREATE${replace ? ' OR REPLACE' : ''} PROCEDURE \`${datasetId}\`.\`${routineId}\`(${list.join(', ')})\n${script}`
}

function routineSummary(routine: RoutineMetadata, project: string) {
  return {
    etag: etagOf(routine),
    routineReference: { projectId: project, datasetId: routine.dataset, routineId: routine.routine },
    routineType: 'PROCEDURE',
    language: 'SQL',
    creationTime: String(routine.createdAt),
    lastModifiedTime: String(routine.modifiedAt),
  }
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/routines#resource:-routine */
function routineResource(routine: RoutineMetadata, project: string) {
  return {
    ...routineSummary(routine, project),
    arguments: routine.arguments.map(({ name, type }) => ({ name, dataType: { typeKind: type } })),
    definitionBody: `BEGIN\n${routine.body.trim()}\nEND`,
  }
}
