import { setTimeout as sleep } from 'node:timers/promises'
import { localNames } from '../deploy/environment.ts'
import { UserError } from '../deploy/user-error.ts'
import { realClock, virtualClock } from '../simulator/clock.ts'
import { findEmulator, startEmulator, StateInUseError, type Emulator } from '../simulator/emulator.ts'
import type { Readings } from '../simulator/engine/index.ts'
import { makeFolder } from './make-folder.ts'
import { projectFolder, stateFolder } from './project.ts'
import { projectSteps } from './project-steps.ts'

export interface SourceCloudOptions {
  /** As given with `--state`. */
  readonly state: string | undefined
  /** @default 'virtual' */
  readonly clock?: 'real' | 'virtual'
  readonly seed?: number
  readonly readings?: Partial<Readings>
  /** Cancels the execution. */
  readonly signal: AbortSignal
}

/** What of an execution this command reads; it is printed as the API gave it. */
interface Execution {
  readonly name: string
  readonly state: string
  readonly result?: string
  readonly error?: { readonly payload?: string; readonly context?: string }
}

/**
 * The local cloud for sources that bring nothing with them. It is asked over its REST API without Google's clients,
 * whose loading takes longer than most workflows run.
 */
export interface SourceCloud {
  /** Creates or replaces a workflow; resolves with the service's refusal or null. */
  deploy(id: string, source: string): Promise<string | null>
  /** Runs it to its end. */
  run(id: string, argument: string | undefined): Promise<Execution>
  close(): Promise<void>
}

/** The emulator that holds the state folder; where none runs, one in this process until `close`. */
export async function openSourceCloud(options: SourceCloudOptions): Promise<SourceCloud> {
  const project = projectFolder()
  const state = stateFolder(project, options.state)
  makeFolder(state, 'choose another folder with --state')
  for (const started = Date.now(); ;) {
    const holder = await findEmulator(state)
    if (holder !== null && holder.brief !== true) return attach(holder.url, state, options)
    try {
      if (holder === null) return await start(project, state, options)
    } catch (error) {
      // Another command was faster.
      if (!(error instanceof StateInUseError)) throw error
    }
    // A command that will soon have ended: its emulator would go away under this one.
    if (Date.now() - started > PATIENCE) {
      throw new UserError('DAG606', `another dag command (pid ${holder?.pid}) keeps this state folder busy`, {
        place: state,
        hint: 'wait for it, or choose another folder with --state',
      })
    }
    await sleep(50, undefined, { signal: options.signal })
  }
}

/** Milliseconds. */
const PATIENCE = 120_000

async function start(project: string, state: string, options: SourceCloudOptions): Promise<SourceCloud> {
  const steps = projectSteps(project)
  const emulator: Emulator = await startEmulator({
    project: localNames.project,
    location: localNames.region,
    stateDir: state,
    clock: options.clock === 'real' ? realClock() : virtualClock(Date.now()),
    images: () => steps.images(),
    services: () => steps.services(),
    stepEnv: () => steps.env(),
    brief: true,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.readings === undefined ? {} : { readings: options.readings }),
  })
  const send: Send = async (method, path, body) => {
    const mark = path.indexOf('?')
    const response = await emulator.dispatch({
      method,
      path: mark === -1 ? path : path.slice(0, mark),
      query: new URLSearchParams(mark === -1 ? '' : path.slice(mark)),
      headers: {},
      body: body === undefined ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(body)),
    })
    return { status: response.status, body: jsonOf(response.body) }
  }
  return sourceCloud(send, options.signal, async () => {
    await emulator.close()
    await steps.close()
  })
}

function jsonOf(body: { readonly json: unknown } | { readonly bytes: Uint8Array } | undefined): unknown {
  if (body === undefined) return {}
  return 'json' in body ? body.json : (JSON.parse(new TextDecoder().decode(body.bytes)) as unknown)
}

function attach(
  url: string,
  state: string,
  { clock, seed, readings, signal }: SourceCloudOptions,
): SourceCloud {
  if (clock !== undefined || seed !== undefined || readings !== undefined) {
    throw new UserError('DAG606', `an emulator at ${url} holds this state folder already`, {
      place: state,
      hint: '--clock, --seed and --reading belong to the emulator: stop it, or choose another folder with --state',
    })
  }
  const send: Send = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
  return sourceCloud(send, signal, () => Promise.resolve())
}

type Send = (
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>

function sourceCloud(send: Send, signal: AbortSignal, close: () => Promise<void>): SourceCloud {
  const parent = `/v1/projects/${localNames.project}/locations/${localNames.region}/workflows`
  const call = async <T>(...request: Parameters<Send>): Promise<T> => {
    const { status, body } = await send(...request)
    if (status !== 200) throw new UserError('DAG610', refusalOf(body) ?? `the local cloud answered ${status}`)
    return body as T
  }
  return {
    deploy: async (id, source) => {
      const workflow = {
        sourceContents: source,
        callLogLevel: 'LOG_ERRORS_ONLY',
        executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
      }
      const { status } = await send('GET', `${parent}/${id}`)
      const operation =
        status === 404
          ? await call('POST', `${parent}?workflowId=${id}`, workflow)
          : await call('PATCH', `${parent}/${id}?updateMask=${Object.keys(workflow).join(',')}`, workflow)
      return refusalOf(operation)
    },
    run: async (id, argument) => {
      const body = argument === undefined ? {} : { argument }
      let execution = await call<Execution>('POST', `${parent}/${id}/executions`, body)
      for (let wait = 1; execution.state === 'ACTIVE' || execution.state === 'QUEUED';) {
        if (signal.aborted) return await call('POST', `/v1/${execution.name}:cancel`, {})
        await sleep(wait)
        wait = Math.min(wait * 2, 50)
        execution = await call<Execution>('GET', `/v1/${execution.name}`)
      }
      return execution
    },
    close,
  }
}

/** The message of an error body or of a failed operation. */
function refusalOf(body: unknown): string | null {
  const { error } = (body ?? {}) as { readonly error?: { readonly message?: string } }
  return error === undefined ? null : (error.message ?? 'refused')
}
