import { readFileSync } from 'node:fs'
import { parseWorkflow } from '../../language/index.ts'
import { virtualClock } from '../../simulator/clock.ts'
import {
  compileWorkflow,
  connectionError,
  httpError,
  mapOf,
  operationError,
  parseJson,
  timeoutError,
  writeJson,
  type CallbackHost,
  type CompiledWorkflow,
  type Connector,
  type ExecutionOptions,
  type HttpCall,
  type LogEntry,
  type RuntimeMap,
  type RuntimeValue,
  type StepEntry,
} from '../../simulator/engine/index.ts'

/** What the container of a try does. `crash` exits without a result, `silent` exits 0 without one. */
export type Behaviour =
  | { readonly output: Readonly<Record<string, unknown>> }
  | { readonly skip: string }
  | { readonly error: { readonly code: string; readonly retryable: boolean } }
  | 'crash'
  | 'silent'
  | 'unreachable'
  /** The job is reported as failed after it wrote its output. */
  | 'late-failure'
  /** It is stopped when its time is over. */
  | 'timeout'

/** What a BigQuery job does: it works, or fails for a reason. */
export type QueryBehaviour = 'ok' | { readonly reason: string; readonly message?: string }

/** One try of a step task. */
export interface JobTry {
  readonly task: string
  readonly index: number
  /** From 1. */
  readonly try: number
}

/** What a try does, and in how many seconds. */
export interface JobScript {
  readonly behaviour: Behaviour
  readonly seconds: number
}

export interface WorldOptions {
  /** What a try does. @default what `steps` says, in ten seconds */
  readonly job?: (job: JobTry) => JobScript
  /** By task, or by task and map index: the behaviour of each try, the last one repeated. @default an empty output */
  readonly steps?: Readonly<Record<string, readonly Behaviour[]>>
  readonly queries?: Readonly<Record<string, readonly QueryBehaviour[]>>
  /** Objects that are there before the run, by name. */
  readonly objects?: Readonly<Record<string, unknown>>
  /** Executions of other DAGs that an earlier run started. */
  readonly started?: readonly Child[]
  /** Everything that an earlier run left behind. */
  readonly left?: ReadonlyMap<string, StoredObject>
  /** States of other executions, by id. */
  readonly executions?: Readonly<Record<string, string>>
  /** Seconds after the start at which objects of any bucket appear, by `bucket/name`. */
  readonly appearing?: Readonly<Record<string, number>>
  /** Whether a partition holds rows, so many seconds after the start. @default true */
  readonly partition?: (query: Readonly<Record<string, unknown>>, at: number) => boolean
  /** Answers to callbacks: the body and when it comes, by the number of the endpoint from 1. @default none comes */
  readonly callbacks?: Readonly<Record<number, readonly { readonly at: number; readonly body: unknown }[]>>
  /** How a run of another DAG ends and after how many seconds, by the number of its execution. @default at once, well */
  readonly children?: readonly { readonly state: string; readonly after: number }[]
  /** What services answer to a request, so many seconds after the start. @default 200 and an empty map, after a second */
  readonly answer?: (request: Request, at: number) => Answer | Error
  /** Thrown by a connector, or by `http`, on its nth call. */
  readonly failing?: (connector: string, call: number) => Error | null
  /** What a step raises instead of running. */
  readonly fault?: NonNullable<ExecutionOptions['fault']>
  readonly argument?: Readonly<Record<string, unknown>> | null
  /** Id of the execution. @default 'execution-1' */
  readonly execution?: string
  readonly signal?: AbortSignal
  readonly seed?: number
  readonly readings?: NonNullable<ExecutionOptions['readings']>
}

interface StoredObject {
  readonly generation: number
  readonly body: RuntimeValue
  readonly metadata: RuntimeMap
}

interface JobCall extends JobTry {
  readonly env: Readonly<Record<string, string>>
  readonly at: number
  /** When it ended; null while it runs. */
  end: number | null
  readonly timeout: RuntimeValue
}

/** A request that the workflow made. */
export interface Request {
  readonly method: string
  readonly url: string
  readonly timeout: number
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly auth?: Readonly<Record<string, string>>
}

/** An execution of another DAG. */
interface Child {
  readonly name: string
  readonly body: { readonly argument: string; readonly labels: Readonly<Record<string, string>> }
  /** How it ends, and when: seconds after the start. */
  readonly state: string
  readonly ends: number
}

export interface Answer {
  /** @default 200 */
  readonly status?: number
  readonly body?: unknown
  /** @default 1 */
  readonly seconds?: number
}

/** What came of a run. */
export interface RunRecord {
  readonly state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  /** The result, or what was raised. */
  readonly value: Record<string, unknown>
  readonly jobs: readonly JobCall[]
  readonly queries: readonly Record<string, unknown>[]
  readonly requests: readonly Request[]
  /** Executions of other DAGs that it started. */
  readonly started: readonly Child[]
  readonly objects: ReadonlyMap<string, { readonly generation: number; readonly body: unknown }>
  /** The same with metadata, for a run that comes after; it goes on with the executions that were `started`. */
  readonly left: ReadonlyMap<string, StoredObject>
  /** What was published to topics, by topic id. */
  readonly published: readonly {
    readonly topic: string
    readonly data: unknown
    readonly attributes: unknown
  }[]
  /** Lines of `sys.log`. */
  readonly logs: readonly Readonly<Record<string, unknown>>[]
  readonly entries: readonly StepEntry[]
  readonly seconds: number
  readonly steps: number
  /** The most bytes that variables took at once. */
  readonly memory: number
}

export const runArgument = {
  run_id: 'manual__2026-03-09t09-00-00z',
  trigger: 'manual',
  logical_date: '2026-03-09T06:00:00-03:00',
  interval_start: '2026-03-09T06:00:00-03:00',
  interval_end: '2026-03-10T06:00:00-03:00',
  params: { source: 'shop', limit: 10, filter: { name: 'x' } },
}

/** What the step `plan` of `contracts.ts` gives. */
export const planned = {
  output: {
    mode: 'full',
    modes: ['full', 'delta'],
    count: 3,
    complete: true,
    day: '2026-03-09',
    pages: [10, 20, 30],
    names: ['a', 'b'],
    loads: [
      { page: 1, name: 'x' },
      { page: 2, name: 'y' },
    ],
    note: 'none',
  },
}
const executionsApi = 'googleapis.workflowexecutions.v1.projects.locations.workflows.executions'

const start = Date.parse('2026-03-10T09:00:00Z')

const workflows = new Map<string, CompiledWorkflow>()

/** A golden's workflow, read once however often it runs. */
export function workflowIn(file: string): CompiledWorkflow {
  const known = workflows.get(file)
  if (known !== undefined) return known
  const workflow = workflowOf(readFileSync(file, 'utf8'))
  workflows.set(file, workflow)
  return workflow
}

/** A source, ready to run. */
export function workflowOf(source: string): CompiledWorkflow {
  const { document, problems } = parseWorkflow(source)
  if (document === null || problems.length > 0)
    throw new Error(problems.map((each) => each.message).join('\n'))
  return compileWorkflow(document)
}

/** Runs the workflow in a file. */
export function runWorkflow(file: string, options: WorldOptions = {}): Promise<RunRecord> {
  return runIn(workflowIn(file), options)
}

/** Runs a compiled workflow in the engine, with connectors that keep everything in memory. */
export async function runIn(workflow: CompiledWorkflow, options: WorldOptions = {}): Promise<RunRecord> {
  const world = new World(options)
  const entries: StepEntry[] = []
  const variables = {
    ...environment,
    GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID: options.execution ?? 'execution-1',
  } as Readonly<Record<string, string>>
  const execution = workflow.execute({
    host: {
      clock: world.clock,
      connector: (name) => world.connector(name),
      http: (request) => world.http(request),
      environment: (name) => variables[name] ?? null,
      log: (entry) => world.log(entry),
      callbacks: world.callbacks,
    },
    argument: options.argument === null ? null : fromJson(options.argument ?? runArgument),
    history: { started: (entry) => void entries.push(entry), ended: () => undefined },
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.readings && { readings: options.readings }),
    ...(options.fault && { fault: options.fault }),
    ...(options.signal && { signal: options.signal }),
  })
  const outcome = await execution.outcome
  return {
    state: outcome.state,
    value: outcome.state === 'SUCCEEDED' ? toJson(outcome.result) : JSON.parse(outcome.error.payload),
    jobs: world.jobs,
    published: world.published,
    queries: world.queries,
    requests: world.requests,
    started: world.started,
    logs: world.logs,
    objects: new Map(
      [...world.objects].map(([name, { generation, body }]) => [name, { generation, body: toJson(body) }]),
    ),
    left: world.objects,
    entries,
    seconds: (world.clock.now() - start) / 1000,
    steps: execution.billedSteps(),
    memory: execution.peakMemory(),
  }
}

const environment: Readonly<Record<string, string>> = {
  GOOGLE_CLOUD_PROJECT_ID: 'local-project',
  GOOGLE_CLOUD_PROJECT_NUMBER: '12345',
  GOOGLE_CLOUD_LOCATION: 'us-central1',
  GOOGLE_CLOUD_WORKFLOW_ID: 'golden',
  DAG_BUCKET: 'bucket',
  DAG_DATASET_LOCATION: 'US',
}

class World {
  readonly clock = virtualClock(start)
  readonly jobs: JobCall[] = []
  readonly queries: Record<string, unknown>[] = []
  readonly requests: Request[] = []
  readonly logs: Record<string, unknown>[] = []
  readonly objects = new Map<string, StoredObject>()
  readonly published: { topic: string; data: unknown; attributes: unknown }[] = []
  readonly #options: WorldOptions
  readonly #calls = new Map<string, number>()
  readonly started: Child[] = []
  readonly callbacks: CallbackHost = {
    create: () => {
      this.#count('callback')
      return mapOf({ url: `https://callbacks.example.com/${this.#calls.get('callback')}` })
    },
    receive: (callback, signal) => this.#receive(text(callback, 'url'), signal),
  }
  readonly #answers = new Map<string, number>()

  constructor(options: WorldOptions) {
    this.#options = options
    this.started.push(...(options.started ?? []))
    for (const [name, object] of options.left ?? []) this.objects.set(name, object)
    for (const [name, body] of Object.entries(options.objects ?? {})) this.#write(name, fromJson(body))
  }

  connector(name: string): Connector | null {
    const handler = this.#handlers[name]
    if (!handler) return null
    return async (args) => {
      this.#count(name)
      return handler(args)
    }
  }

  async http({ method, args }: HttpCall): Promise<RuntimeMap> {
    const request = { method, ...toJson(args) } as unknown as Request
    this.requests.push(request)
    const answer = this.#options.answer?.(request, this.#now()) ?? { body: {} }
    this.#count('http')
    if (answer instanceof Error) throw answer
    const { status: code = 200, body = null, seconds = 1 } = answer
    await this.clock.sleep(Math.min(seconds, request.timeout) * 1000)
    if (seconds > request.timeout) throw timeoutError('the request took too long')
    const headers = mapOf({ 'Content-Type': 'application/json' })
    if (code >= 400) throw httpError(code, headers, fromJson(body))
    return mapOf({ code: BigInt(code), headers, body: fromJson(body) })
  }

  log({ severity, payload }: LogEntry): void {
    this.logs.push({ severity, ...('json' in payload ? toJson(payload.json) : payload) })
  }

  #count(name: string): void {
    const call = (this.#calls.get(name) ?? 0) + 1
    this.#calls.set(name, call)
    const failure = this.#options.failing?.(name, call)
    if (failure) throw failure
  }

  readonly #handlers: Readonly<Record<string, (args: RuntimeMap) => Promise<RuntimeValue>>> = {
    'googleapis.storage.v1.objects.insert': async (args) => {
      const name = decodeURIComponent(text(args, 'name'))
      const expected = args.get('ifGenerationMatch') ?? null
      if (expected !== null && Number(expected) !== (this.objects.get(name)?.generation ?? 0))
        throw status(412)
      return resource(name, this.#write(name, args.get('body') ?? null))
    },
    'googleapis.storage.v1.objects.get': async (args) => {
      const name = decodeURIComponent(text(args, 'object'))
      const appears = this.#options.appearing?.[`${text(args, 'bucket')}/${name}`]
      if (appears !== undefined && this.#now() >= appears) return mapOf({ name })
      const found = this.objects.get(name)
      if (!found) throw status(404, `No such object: bucket/${name}`)
      return args.get('alt') === 'media' ? found.body : resource(name, found)
    },
    'googleapis.storage.v1.objects.copy': async (args) => {
      const found = this.objects.get(decodeURIComponent(text(args, 'sourceObject')))
      if (!found) throw status(404, `No such object: bucket/${text(args, 'sourceObject')}`)
      const name = decodeURIComponent(text(args, 'destinationObject'))
      return resource(name, this.#write(name, found.body, found.metadata))
    },
    'googleapis.storage.v1.objects.delete': async (args) => {
      const name = decodeURIComponent(text(args, 'object'))
      const found = this.objects.get(name)
      if (!found) throw status(404)
      this.objects.delete(name)
      return null
    },
    'googleapis.run.v2.projects.locations.jobs.run': (args) => this.#runJob(args),
    'googleapis.pubsub.v1.projects.topics.publish': async (args) => {
      const { topic, body } = toJson(args) as {
        topic: string
        body: { messages: { data: string; attributes: unknown }[] }
      }
      for (const { data, attributes } of body.messages) {
        const text = Buffer.from(data, 'base64').toString('utf8')
        this.published.push({ topic, data: JSON.parse(text) as unknown, attributes })
      }
      return mapOf({ messageIds: ['1'] })
    },
    'googleapis.bigquery.v2.jobs.query': async (args) => {
      const query = toJson(args.get('body') ?? null)
      this.queries.push(query)
      const holds = this.#options.partition?.(query, this.#now()) ?? true
      return fromJson({
        jobComplete: true,
        totalRows: holds ? '1' : '0',
        ...(holds && { rows: [{ f: [{ v: '5' }] }] }),
      })
    },
    'googleapis.bigquery.v2.jobs.insert': (args) => this.#runQuery(args),
    [`${executionsApi}.create`]: async (args) => {
      if (toJson(args.get('connector_params') ?? null)['skip_polling'] !== true)
        throw new Error('it would wait')
      const { state, after } = nth(this.#options.children, this.started.length + 1) ?? {
        state: 'SUCCEEDED',
        after: 0,
      }
      const name = `${text(args, 'parent')}/executions/child-${this.started.length + 1}`
      const body = toJson(args.get('body') ?? null) as unknown as Child['body']
      this.started.push({ name, body, state, ends: this.#now() + after })
      return mapOf({ name, state: 'ACTIVE' })
    },
    [`${executionsApi}.list`]: async (args) => {
      const [, id] = /^labels\.run_id="([^"]+)"$/.exec(text(args, 'filter')) ?? []
      const found = this.started.filter(
        ({ name, body }) => name.startsWith(`${text(args, 'parent')}/`) && body.labels['run_id'] === id,
      )
      const shown = found.map((child) => ({ name: child.name, state: this.#stateOf(child) })).toReversed()
      return fromJson(shown.length === 0 ? {} : { executions: shown.slice(0, Number(args.get('pageSize'))) })
    },
    [`${executionsApi}.get`]: async (args) => {
      const child = this.started.find(({ name }) => name === text(args, 'name'))
      if (child) return mapOf({ name: child.name, state: this.#stateOf(child) })
      const id = text(args, 'name').split('/').at(-1) ?? ''
      const state = this.#options.executions?.[id]
      if (state === undefined) throw status(404)
      return mapOf({ name: text(args, 'name'), state })
    },
  }

  #now(): number {
    return (this.clock.now() - start) / 1000
  }

  #stateOf({ state, ends }: Child): string {
    return this.#now() >= ends ? state : 'ACTIVE'
  }

  /** Each answer is received once; before its time the execution waits for it. */
  async #receive(url: string, signal: AbortSignal): Promise<RuntimeMap> {
    this.#count('await_callback')
    const number = this.#answers.get(url) ?? 0
    const answer = this.#options.callbacks?.[Number(url.split('/').at(-1))]?.[number]
    if (answer === undefined)
      return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)))
    await this.clock.sleep(Math.max(0, answer.at - this.#now()) * 1000, signal)
    this.#answers.set(url, number + 1)
    return mapOf({ http_request: mapOf({ body: fromJson(answer.body), method: 'POST' }), type: 'HTTP' })
  }

  async #runJob(args: RuntimeMap): Promise<RuntimeValue> {
    const overrides = toJson(args.get('body') ?? null)['overrides'] as {
      timeout: string
      containerOverrides: { env: { name: string; value: string }[] }[]
    }
    const env = Object.fromEntries(
      (overrides.containerOverrides[0]?.env ?? []).map(({ name, value }) => [name, value]),
    )
    const run = JSON.parse(env['DAG_RUN'] ?? '{}') as { task: string; map_index: number; try: number }
    const { task, map_index: index, try: tries } = run
    const at = this.#now()
    const job: JobCall = { task, index, try: tries, env, at, end: null, timeout: overrides.timeout }
    this.jobs.push(job)
    const { steps = {} } = this.#options
    const { behaviour, seconds } = this.#options.job?.(job) ?? {
      behaviour: nth(steps[`${task}/${index}`] ?? steps[task], tries) ?? { output: {} },
      seconds: 10,
    }
    await this.clock.sleep(1000 * (behaviour === 'timeout' ? Number.parseFloat(overrides.timeout) : seconds))
    job.end = this.#now()
    const output = env['DAG_OUTPUT_URI']?.replace('gs://bucket/', '') ?? ''
    if (behaviour === 'unreachable') throw connectionError('the connection broke')
    if (behaviour === 'crash' || behaviour === 'timeout')
      throw operationError('the container failed', mapOf({ name: 'operation' }))
    if (behaviour === 'silent') return mapOf({ succeededCount: 1n })
    if (behaviour === 'late-failure') {
      this.#write(output, null, metadataOf({ output: {} }, tries))
      throw operationError('the container failed', mapOf({ name: 'operation' }))
    }
    this.#write(output, fromJson(behaviour), metadataOf(behaviour, tries))
    if ('error' in behaviour) throw operationError('the container failed', mapOf({ name: 'operation' }))
    return mapOf({ succeededCount: 1n })
  }

  async #runQuery(args: RuntimeMap): Promise<RuntimeValue> {
    const body = toJson(args.get('body') ?? null) as {
      configuration: { labels: { task: string } }
      jobReference: Record<string, string>
    } & Record<string, unknown>
    this.queries.push(body)
    await this.clock.sleep(10_000)
    const { task } = body.configuration.labels
    // The id of the job ends in the number of the try.
    const tries = Number(/-(\d+)$/.exec(body.jobReference['jobId'] ?? '')?.[1])
    const behaviour = nth(this.#options.queries?.[task], tries) ?? 'ok'
    if (behaviour === 'ok')
      return mapOf({ status: mapOf({ state: 'DONE' }), jobReference: mapOf(body.jobReference) })
    const { reason, message = `failed: ${reason}` } = behaviour
    const errorResult = mapOf({ reason, message })
    throw operationError(message, mapOf({ status: mapOf({ state: 'DONE', errorResult }) }))
  }

  #write(name: string, body: RuntimeValue, metadata: RuntimeMap = mapOf({})): StoredObject {
    const stored = { generation: (this.objects.get(name)?.generation ?? 100) + 1, body, metadata }
    this.objects.set(name, stored)
    return stored
  }
}

function metadataOf(behaviour: Exclude<Behaviour, string>, tries: number): RuntimeMap {
  const result = (end: object) => JSON.stringify({ ...end, tries })
  if ('output' in behaviour) {
    return mapOf({ outcome: 'output', result: result({ state: 'success', output: behaviour.output }) })
  }
  if ('skip' in behaviour) {
    return mapOf({ outcome: 'skip', result: result({ state: 'skipped', reason: behaviour.skip }) })
  }
  const { code, retryable } = behaviour.error
  return mapOf({ outcome: 'error', code, message: `it said ${code}`, retryable: String(retryable) })
}

function resource(name: string, { generation, metadata }: StoredObject): RuntimeMap {
  return mapOf({ name, generation: String(generation), metadata })
}

function status(code: number, message = `status ${code}`): Error {
  return httpError(code, mapOf({}), mapOf({ error: mapOf({ code: BigInt(code), message }) }))
}

function nth<T>(list: readonly T[] | undefined, position: number): T | undefined {
  return list?.[Math.min(position, list.length) - 1]
}

function text(args: RuntimeMap, key: string): string {
  const value = args.get(key)
  if (typeof value !== 'string') throw new Error(`${key} is no text`)
  return value
}

function fromJson(value: unknown): RuntimeValue {
  return parseJson(JSON.stringify(value))
}

function toJson(value: RuntimeValue): Record<string, unknown> {
  return JSON.parse(writeJson(value)) as Record<string, unknown>
}
