import { z } from 'zod'
import { makeBuilder, type DagContext } from './builder.ts'
import type { Schedule } from './cron.ts'
import { isDagError, type DagError } from './errors/dag-error.ts'
import { readHooks, type Hook } from './hook.ts'
import { callerOf, type Location } from './location.ts'
import { checkId } from './names.ts'
import { retryKeys, type PoolOption, type RetryOptions } from './options.ts'
import { checkPools, readPool } from './pool.ts'
import { checkKeys, collectProblems, type Problems } from './problems.ts'
import { refOf } from './ref.ts'
import { checkRetryOptions } from './retry.ts'
import { fields, isObjectSchema, isOptional } from './schema.ts'
import type { GroupDefinition, TaskDefinition } from './task.ts'
import { describe, isPlainObject } from './values.ts'

export interface DagOptions<P extends z.ZodObject> {
  /** One sentence on what the pipeline does. */
  readonly description: string
  /** When it runs. @default none, started by hand only */
  readonly schedule?: Schedule
  /** What a run can be given, as a `z.object`; with a schedule every field needs a default. @default none */
  readonly params?: P
  /** Retry and timeout options of tasks that do not set their own, and the pool of those that work. */
  readonly defaults?: RetryOptions & { readonly pool?: PoolOption }
  /** Runs of this DAG that may be active at once. @default 1 */
  readonly maxActiveRuns?: number
  /** Slots by name: tasks of one pool that are at work at once, within a run. Airflow: pools, across runs. @default none */
  readonly pools?: Readonly<Record<string, number>>
  /** Told when a run succeeds. Airflow: `on_success_callback` of the DAG. @default nobody */
  readonly onSuccess?: Hook | readonly Hook[]
  /** Told when a run fails. Airflow: `on_failure_callback` of the DAG. @default nobody */
  readonly onFailure?: Hook | readonly Hook[]
  /**
   * When a run counts as failed. `leaves`: one of the tasks that nothing comes after failed, as in Airflow, where a
   * last task that runs after a failure hides it. `any`: any task failed. Teardowns count only with `failsRun`.
   * @default 'leaves'
   */
  readonly failRunOn?: 'leaves' | 'any'
  /** What a run logs of its tasks: failures, retries and skips, or their starts and ends too. @default 'problems' */
  readonly logTasks?: 'problems' | 'all'
}

/** A DAG as plain data: what `dag()` returns and the compiler reads. */
export interface DagDefinition<P extends z.ZodObject = z.ZodObject> {
  readonly kind: 'dag'
  readonly id: string
  readonly description: string
  readonly schedule: Schedule | null
  readonly params: P
  readonly maxActiveRuns: number
  /** Slots by name. */
  readonly pools: Readonly<Record<string, number>>
  readonly onSuccess: readonly Hook[]
  readonly onFailure: readonly Hook[]
  readonly failRunOn: 'leaves' | 'any'
  readonly logTasks: 'problems' | 'all'
  readonly tasks: readonly TaskDefinition[]
  readonly groups: readonly GroupDefinition[]
  readonly at: Location | null
  /** Mistakes found while it was declared; `dag compile` prints them all. */
  readonly problems: readonly DagError[]
}

const optionKeys = [
  'description',
  'schedule',
  'params',
  'defaults',
  'maxActiveRuns',
  'pools',
  'onSuccess',
  'onFailure',
  'failRunOn',
  'logTasks',
]

/** The params of a DAG that declares none: there is no field to refer to. */
const noParams = z.object({})

/**
 * Declares a DAG. The callback runs at once and declares its tasks; calling `task` is what draws the edges. Mistakes
 * are collected in `problems`, so that one compile names them all.
 *
 * @example
 * export default dag('shop', { description: 'Sales to data marts' }, ({ run, task }) => {
 *   const sales = task('fetch_sales', fetchSales, { date: run.date })
 *   task('load_sales', loadSales, { objects: sales.objects })
 * })
 */
export function dag<P extends z.ZodObject = typeof noParams>(
  id: string,
  options: DagOptions<P>,
  build: (context: DagContext<P>) => unknown,
): DagDefinition<P> {
  const at = callerOf(dag)
  const problems = collectProblems(at)
  checkId(id, 'DAG', problems, at)
  const given: Partial<DagOptions<P>> = options ?? {}
  checkOptions(id, given, problems)
  const params = isObjectSchema(given.params) ? (given.params as P) : noParams
  const pools = isPlainObject(given.pools) ? given.pools : {}
  const builder = makeBuilder({ dag: id, params, pools, defaults: given.defaults ?? {}, problems })
  const place = { what: `DAG ${id}`, problems, at }
  if (typeof build === 'function') {
    runBuild(() => build(builder.context as unknown as DagContext<P>), problems)
  } else {
    const hint = 'write dag(id, options, ({ task }) => { … })'
    problems.add('DAG104', `${place.what}: its callback is ${describe(build)}`, hint)
  }
  const { tasks, groups } = builder.scope.close()
  if (tasks.length === 0 && problems.list.length === 0) {
    problems.add('DAG111', `DAG ${id} declares no tasks`, 'call task(…) or build(…) in its callback')
  }
  return Object.freeze({
    kind: 'dag',
    id,
    description: given.description ?? '',
    schedule: given.schedule ?? null,
    params: params as P,
    maxActiveRuns: given.maxActiveRuns ?? 1,
    pools: Object.freeze({ ...pools }),
    onSuccess: readHooks(given.onSuccess, 'onSuccess', place),
    onFailure: readHooks(given.onFailure, 'onFailure', place),
    failRunOn: given.failRunOn ?? 'leaves',
    logTasks: given.logTasks ?? 'problems',
    tasks,
    groups,
    at,
    problems: Object.freeze([...problems.list]),
  })
}

function checkOptions(id: string, options: Partial<DagOptions<z.ZodObject>>, problems: Problems): void {
  const what = `DAG ${id}`
  checkKeys(options, optionKeys, what, problems)
  if (typeof options.description !== 'string' || options.description === '') {
    problems.add('DAG104', `${what} has no description`, 'say in one sentence what it does')
  }
  if (options.schedule !== undefined && options.schedule?.kind !== 'schedule') {
    problems.add('DAG104', `${what}: schedule is not a schedule`, "write cron('0 6 * * *', 'Etc/UTC')")
  }
  const most = options.maxActiveRuns
  if (most !== undefined && !(Number.isInteger(most) && most >= 1)) {
    problems.add('DAG104', `${what}: maxActiveRuns is ${String(most)}`, 'give a whole number from 1')
  }
  if (options.params !== undefined && !isObjectSchema(options.params)) {
    problems.add('DAG104', `${what}: params is not a z.object`, 'write z.object({ … }) with z from dagwright')
  } else if (options.params && options.schedule) checkParams(what, options.params, problems)
  checkChoice(what, 'failRunOn', options.failRunOn, ['leaves', 'any'], problems)
  checkChoice(what, 'logTasks', options.logTasks, ['problems', 'all'], problems)
  checkDefaults(what, options, problems)
}

function checkDefaults(
  what: string,
  { defaults, pools }: Partial<DagOptions<z.ZodObject>>,
  problems: Problems,
): void {
  const at = problems.at
  if (pools !== undefined && !isPlainObject(pools)) {
    problems.add('DAG104', `${what}: pools is ${describe(pools)}`, 'write { name: slots }')
  } else checkPools(pools ?? {}, { what, problems, at })
  if (!defaults) return
  const place = { what: `defaults of ${what}`, problems, at }
  checkKeys(defaults, [...retryKeys, 'pool'], place.what, problems)
  checkRetryOptions(defaults, place)
  readPool(defaults.pool, pools ?? {}, place)
}

function checkChoice(
  what: string,
  option: string,
  value: unknown,
  known: readonly string[],
  problems: Problems,
): void {
  if (value === undefined || known.some((each) => each === value)) return
  problems.add('DAG104', `${what}: ${option} is ${describe(value)}`, `say ${known.join(' or ')}`)
}

/** A scheduled run has nobody to give it parameters. */
function checkParams(what: string, params: z.ZodObject, problems: Problems): void {
  for (const [name, schema] of Object.entries(fields(params))) {
    if (isOptional(schema)) continue
    problems.add(
      'DAG110',
      `${what} has a schedule, but param ${name} has no default`,
      `add .default(…) to ${name}, or drop the schedule`,
    )
  }
}

function runBuild(build: () => unknown, problems: Problems): void {
  try {
    const result = build()
    if (refOf(result) === null && isPromise(result)) {
      // What an async callback throws later is part of the same mistake.
      result.then(undefined, () => undefined)
      problems.add(
        'DAG109',
        'the callback of dag(…) is asynchronous',
        'drop async and await: declaring needs no waiting',
      )
    }
  } catch (error) {
    if (!isDagError(error)) throw error
    problems.add(error.code, error.message, error.hint, error.at)
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return value instanceof Promise
}
