import { writeJson } from '../../simulator/engine/index.ts'
import { asRuntime, historyLines, logLine, sourceOf, type EngineOutcome } from './engine-run.ts'
import { PLACE, type Json, type RestCloud } from './rest-cloud.ts'
import type { StubServer } from './stub-server.ts'
import type { EngineRow } from './tables.ts'

/** Deploys, executes and reads back a row of test/cases/engine through the emulator's REST API. */
export async function runOverRest(
  row: EngineRow,
  id: string,
  cloud: RestCloud,
  stubs: StubServer,
): Promise<EngineOutcome> {
  const environment = row.environment ?? {}
  const place = {
    project: environment['GOOGLE_CLOUD_PROJECT_ID'] ?? PLACE.project,
    location: environment['GOOGLE_CLOUD_LOCATION'] ?? PLACE.location,
  }
  for (const { send, body } of row.before ?? []) await succeed(cloud, send, body)
  const http = row.answers?.['http']
  const source = sourceOf(row)
  const parent = `projects/${place.project}/locations/${place.location}/workflows`
  const refused = await deploy(cloud, parent, id, {
    sourceContents: http === undefined ? source : stubs.serve(id, http, source),
    ...(row.detailed === true && { executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED' }),
    userEnvVars: Object.fromEntries(
      Object.entries(environment).filter(([name]) => !name.startsWith('GOOGLE_')),
    ),
  })
  if (refused !== null) return { refused }
  const started = await succeed(cloud, `POST /v1/${parent}/${id}/executions`, {
    argument: writeJson(asRuntime(row.argument ?? null)),
  })
  const name = String(started['name'])
  const { state, result, error, duration } = await cloud.end(name)
  const history = row.history === undefined ? [] : await historyOf(cloud, name)
  return {
    refused: null,
    deployment: null,
    result: state === 'SUCCEEDED' ? String(result) : null,
    error: state === 'SUCCEEDED' ? null : (error as { payload: string; context: string }),
    logs: row.logs === undefined ? [] : await logsOf(cloud, place.project, name),
    seconds: Number(String(duration).slice(0, -1)),
    steps: cloud.billedSteps(name),
    entries: history.length,
    history: () => history,
    realTime: http !== undefined,
  }
}

/** The message with which a deployment is refused, or null. */
export async function deploy(
  cloud: RestCloud,
  parent: string,
  id: string,
  workflow: Json,
): Promise<string | null> {
  const { error } = await succeed(cloud, `POST /v1/${parent}?workflowId=${id}`, workflow)
  return error === undefined ? null : String((error as Json)['message'])
}

/** `METHOD path` */
export async function succeed(cloud: RestCloud, send: string, body?: unknown): Promise<Json> {
  const [method = '', path = ''] = send.split(' ')
  const answer = await cloud.send(method, path, body)
  if (answer.status !== 200) throw new Error(`${send} answered ${answer.status}: ${answer.text}`)
  return answer.body
}

async function historyOf(cloud: RestCloud, execution: string): Promise<readonly string[]> {
  const { stepEntries } = await succeed(cloud, `GET /v1/${execution}/stepEntries?pageSize=1000`)
  return historyLines(
    (stepEntries as readonly Entry[]).map((entry) => ({
      ...entry,
      id: entry.entryId,
      parent: entry.navigationInfo.parent ?? null,
      progressNumber: entry.stepEntryMetadata.progressNumber ?? null,
    })),
  )
}

interface Entry {
  readonly entryId: string
  readonly routine: string
  readonly step: string
  readonly stepType: string
  readonly state: string
  readonly navigationInfo: { readonly parent?: string }
  readonly stepEntryMetadata: { readonly progressNumber?: string }
}

async function logsOf(cloud: RestCloud, project: string, execution: string): Promise<readonly string[]> {
  const id = execution.split('/').at(-1)
  const { entries = [] } = await succeed(cloud, 'POST /v2/entries:list', {
    resourceNames: [`projects/${project}`],
    filter: `logName="projects/${project}/logs/Workflows" AND labels."workflows.googleapis.com/execution_id"="${id}"`,
    pageSize: 1000,
  })
  return (entries as readonly Json[]).map(({ severity, textPayload, jsonPayload }) =>
    logLine(
      String(severity),
      jsonPayload === undefined ? String(textPayload) : Object.keys(jsonPayload as Json),
    ),
  )
}
