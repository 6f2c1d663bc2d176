import { z } from 'zod'
import type { StepContract, StepInput, StepOutput } from './contract.ts'
import { durationSeconds } from './duration.ts'
import { DagError } from './errors/dag-error.ts'
import { readInputs } from './input.ts'
import { callerOf, type Location } from './location.ts'
import type { Model } from './model.ts'
import { checkId } from './names.ts'
import { checkKeys, type Problems } from './problems.ts'
import { makeRef, refOf, refText, type Inputs, type Ref } from './ref.ts'
import { checkRetryOptions, retryPolicy } from './retry.ts'
import { isObjectSchema } from './schema.ts'
import { tableId } from './sql.ts'
import {
  retryKeys,
  type AfterNode,
  type BuildOptions,
  type GroupDefinition,
  type GroupHandle,
  type RetryOptions,
  type TaskDefinition,
  type TaskHandle,
  type TaskOptions,
} from './task.ts'

/** The run that executes; all text. Times are RFC 3339 with the offset of the DAG's time zone. */
export interface RunRefs {
  readonly runId: Ref<string>
  /** Start of the data interval. */
  readonly logicalDate: Ref<string>
  readonly intervalStart: Ref<string>
  readonly intervalEnd: Ref<string>
  /** The reference date, `YYYY-MM-DD`: the logical date as a day in the DAG's time zone. */
  readonly date: Ref<string>
  /** Id of the workflow execution. */
  readonly execution: Ref<string>
}

/** What a task gives to others: its output as references, and itself as something to come after. */
export type TaskRef<Output> = Ref<Output> & TaskHandle

/** What the callback of `dag` is given. */
export interface DagContext<P extends z.ZodObject> {
  readonly run: RunRefs
  readonly params: Ref<z.output<P>>
  /** Runs a step. References in `inputs` draw the edges. */
  readonly task: <C extends StepContract>(
    id: string,
    contract: C,
    inputs: InputsOf<C>,
    options?: TaskOptions,
  ) => TaskRef<StepOutput<C>>
  /** Builds a model's table with its SQL. Models named in the SQL draw the edges. */
  readonly build: (model: Model, options?: BuildOptions) => TaskHandle
  /** Names a set of tasks; ids inside stay as written. */
  readonly group: <T>(id: string, build: () => T) => GroupHandle<T>
}

/** Named inputs of a step, each a value or a reference. */
export type InputsOf<C extends StepContract> = {
  readonly [Key in keyof StepInput<C>]: Inputs<StepInput<C>[Key]>
}

interface BuilderOptions {
  readonly dag: string
  readonly params: z.ZodObject
  readonly defaults: RetryOptions
  readonly problems: Problems
}

const runSchema = z.object({
  runId: z.string(),
  logicalDate: z.string(),
  intervalStart: z.string(),
  intervalEnd: z.string(),
  date: z.string(),
  execution: z.string(),
})

/** One hour: models that run longer are worth saying so. */
const modelTimeout = 3600

const nothing = z.object({})

/** Collects the declarations that the callback of one DAG makes. */
export function makeBuilder({ dag, params, defaults, problems }: BuilderOptions) {
  const owner = {}
  const tasks: TaskDefinition[] = []
  const groups: GroupDefinition[] = []
  const nodes = new WeakMap<object, AfterNode>()
  const ids = new Map<string, Location | null>()
  const inside: string[] = []
  let open = true

  const declareId = (id: string, what: string, at: Location | null) => {
    if (!open) {
      throw new DagError('DAG108', `${what} "${id}" is declared after DAG ${dag} was`, {
        at,
        hint: 'declare tasks and groups inside the callback of dag(…)',
      })
    }
    if (!checkId(id, what, problems, at)) return
    const first = ids.get(id)
    if (first !== undefined) {
      const where = first === null ? '' : `, first on line ${first.line}`
      problems.add('DAG102', `${what} id "${id}" is used twice${where}`, 'give one of them another id', at)
    } else ids.set(id, at)
  }

  const readAfter = (after: unknown, what: string, at: Location | null): readonly AfterNode[] => {
    const targets: readonly unknown[] = after === undefined ? [] : isList(after) ? after : [after]
    return targets.flatMap((target) => {
      const node = typeof target === 'object' && target !== null ? nodes.get(target) : undefined
      if (node) return [node]
      const reference = refOf(target)
      const named = reference ? refText(reference) : (JSON.stringify(target) ?? 'undefined')
      const hint =
        reference?.owner === owner
          ? 'after takes whole tasks and groups: the input itself already waits for its task'
          : 'pass what task(…), build(…) or group(…) of this DAG returned'
      problems.add(
        'DAG302',
        `${what} comes after ${named}, which is no task or group of DAG ${dag}`,
        hint,
        at,
      )
      return []
    })
  }

  const handleOf = <T>(id: string, schema: z.ZodObject): TaskRef<T> => {
    const handle = makeRef<T>(owner, { source: { kind: 'task', task: id }, path: [] }, schema) as TaskRef<T>
    nodes.set(handle, { kind: 'task', id })
    return handle
  }

  const common = (id: string, options: TaskOptions | BuildOptions, timeout: number, at: Location | null) => {
    const what = `task ${id}`
    checkRetryOptions(options, { what, problems, at })
    return {
      id,
      group: inside.length === 0 ? null : inside.join('.'),
      after: readAfter(options.after, what, at),
      retry: retryPolicy(options, defaults),
      timeoutSeconds: durationSeconds(options.timeout) ?? durationSeconds(defaults.timeout) ?? timeout,
      triggerRule: 'all_success' as const,
      setup: false,
      teardown: null,
      pool: null,
      onSuccess: [],
      onFailure: [],
      at,
    }
  }

  const task: DagContext<z.ZodObject>['task'] = (id, contract, inputs, options = {}) => {
    const at = callerOf(task)
    declareId(id, 'task', at)
    checkKeys(options, [...retryKeys, 'after', 'writes'], `task ${id}`, problems, at)
    if (
      contract?.kind !== 'step_contract' ||
      !isObjectSchema(contract.input) ||
      !isObjectSchema(contract.output)
    ) {
      throw new DagError('DAG112', `task ${id} is given no step contract`, {
        at,
        hint: 'pass what defineContract({ … }) of the step returned',
      })
    }
    tasks.push({
      kind: 'step',
      ...common(id, options, contract.timeoutSeconds, at),
      contract,
      input: readInputs(inputs, contract, { task: id, owner, problems: placed(problems, at), at }),
      writes: readModels(options.writes, `task ${id}`, problems, at),
      mapping: null,
    })
    return handleOf(id, contract.output)
  }

  const build: DagContext<z.ZodObject>['build'] = (model, options = {}) => {
    const at = callerOf(build)
    if (model?.kind !== 'model') {
      throw new DagError('DAG112', 'build(…) is given no model', {
        at,
        hint: 'pass what model({ … }) returned',
      })
    }
    const id = options.id ?? `${model.layer}_${model.table}`
    declareId(id, 'task', at)
    checkKeys(options, [...retryKeys, 'after', 'id'], `task ${id}`, problems, at)
    if (model.sql === null) {
      problems.add(
        'DAG406',
        `task ${id} builds ${tableId(model)}, which has no SQL`,
        'give the model sql, or fill it by a step: task(…, { writes: [model] })',
        at,
      )
    }
    tasks.push({ kind: 'model', ...common(id, options, modelTimeout, at), model, writes: model.writes })
    return handleOf<object>(id, nothing)
  }

  const group: DagContext<z.ZodObject>['group'] = <T>(id: string, declare: () => T): GroupHandle<T> => {
    const at = callerOf(group)
    declareId(id, 'group', at)
    inside.push(id)
    const path = inside.join('.')
    groups.push({ path, mapping: null, at })
    try {
      const handle = Object.freeze({ value: declare() }) as GroupHandle<T>
      nodes.set(handle, { kind: 'group', id: path })
      return handle
    } finally {
      inside.pop()
    }
  }

  const run = makeRef(owner, { source: { kind: 'run' }, path: [] }, runSchema) as unknown as RunRefs
  const paramRefs = makeRef<unknown>(owner, { source: { kind: 'params' }, path: [] }, params)
  return {
    context: { run, params: paramRefs, task, build, group },
    /** Ends the declaration; what is declared later is refused. */
    close() {
      open = false
      return { tasks: Object.freeze([...tasks]), groups: Object.freeze([...groups]) }
    },
  }
}

function readModels(
  models: unknown,
  what: string,
  problems: Problems,
  at: Location | null,
): readonly Model[] {
  const list: readonly unknown[] = models === undefined ? [] : isList(models) ? models : [models]
  return list.filter((candidate): candidate is Model => {
    const isModel =
      typeof candidate === 'object' && candidate !== null && (candidate as Model).kind === 'model'
    if (!isModel)
      problems.add('DAG104', `${what}: writes holds no model`, 'pass what model({ … }) returned', at)
    return isModel
  })
}

function isList(value: unknown): value is readonly unknown[] {
  return refOf(value) === null && Array.isArray(value)
}

/** The same list of problems, with another default place. */
function placed(problems: Problems, at: Location | null): Problems {
  return {
    list: problems.list,
    add: (code, message, hint, place = at) => problems.add(code, message, hint, place),
  }
}
