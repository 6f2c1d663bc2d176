import { z } from 'zod'
import type { DagDefinition } from '../dag.ts'
import type { TaskRef } from '../handle.ts'
import { constantOf, inputRefusal, readValue, refsIn, type InputPlace, type InputValue } from '../input.ts'
import { callerOf } from '../location.ts'
import { checkId } from '../names.ts'
import { longestWait, workKeys, type WorkOptions } from '../options.ts'
import { checkKeys } from '../problems.ts'
import type { Inputs } from '../ref.ts'
import type { JsonInput } from '../request.ts'
import { fieldNames, fields, isOptional } from '../schema.ts'
import type { Scope } from '../scope.ts'
import { didYouMean } from '../suggest.ts'
import { describe, isPlainObject } from '../values.ts'

interface TriggerCommon {
  /** RFC 3339, or a day. @default this run's own */
  readonly logicalDate?: Inputs<string>
  /** Whether to wait until that run has ended, and to fail if it fails. Airflow: `wait_for_completion`. @default false */
  readonly wait?: boolean
}

/** Params of a DAG; of one that declares none there are none to give, of one that is not known any. */
type ParamsOf<P extends z.ZodObject> = string extends keyof z.input<P>
  ? [z.input<P>[string]] extends [never]
    ? Readonly<Record<string, never>>
    : Readonly<Record<string, JsonInput>>
  : { readonly [Key in keyof z.input<P>]: Inputs<z.input<P>[Key]> }

type MayLack<P extends z.ZodObject> = string extends keyof z.input<P>
  ? true
  : object extends z.input<P>
    ? true
    : false

/** A DAG by its definition: its params are checked by the editor. */
export type TriggerSpec<P extends z.ZodObject> = TriggerCommon & {
  readonly dag: DagDefinition<P>
} & (MayLack<P> extends true
    ? {
        /** @default the params' own defaults */
        readonly params?: ParamsOf<P>
      }
    : { readonly params: ParamsOf<P> })

/** A DAG by its id, such as one of another project. */
export interface TriggerByIdSpec extends TriggerCommon {
  readonly dag: string
  /** @default none */
  readonly params?: Readonly<Record<string, JsonInput>>
}

export interface TriggerOutput {
  readonly run_id: string
  /** Id of the execution. */
  readonly execution: string
  /** Null where the trigger does not wait. */
  readonly state: 'success' | 'failed' | null
}

/**
 * Starts a run of another DAG. The same run started again by a retry is the same run: there is one for each id.
 * Airflow: `TriggerDagRunOperator`.
 *
 * @example
 * import prices from '../prices/dag.ts'
 *
 * trigger('run_prices', { dag: prices, params: { region: params.region }, wait: true }, { timeout: '2h' })
 */
export interface DeclareTrigger {
  <P extends z.ZodObject>(id: string, spec: TriggerSpec<P>, options?: WorkOptions): TaskRef<TriggerOutput>
  (id: string, spec: TriggerByIdSpec, options?: WorkOptions): TaskRef<TriggerOutput>
}

const day = 86_400
const outputSchema = z.object({
  run_id: z.string().max(200),
  execution: z.string().max(200),
  state: z.enum(['success', 'failed']).nullable(),
})

export function triggerKind(scope: Scope): DeclareTrigger {
  const trigger = (id: string, spec: unknown, options: WorkOptions = {}): TaskRef<TriggerOutput> => {
    const at = callerOf(trigger)
    const what = `task ${id}`
    const base = scope.base(id, options, {
      keys: workKeys,
      timeout: day,
      works: false,
      longest: longestWait,
      at,
    })
    const place: InputPlace = { ...scope.inputPlace(what, at), inWorkflow: true }
    const given = isPlainObject(spec) ? spec : {}
    checkKeys(given, ['dag', 'params', 'logicalDate', 'wait'], what, scope.problems, at)
    const { dag: target, params = {}, logicalDate, wait = false } = given
    const definition = isDefinition(target) ? target : null
    const dag = definition?.id ?? target
    if (definition === null) checkId(dag, `${what} starts a DAG whose`, scope.problems, at)
    if (typeof wait !== 'boolean')
      scope.problems.add('DAG104', `${what}: wait is ${describe(wait)}`, 'give true or false', at)
    if (dag === scope.dag && wait === true) {
      const hint = 'drop wait: this run would wait for one that cannot begin before it has ended'
      scope.problems.add('DAG119', `${what} waits for a run of its own DAG`, hint, at)
    }
    const value = readValue(params, place, ['params'])
    if (value.kind !== 'map') {
      scope.problems.add('DAG119', `${what} has params ${describe(params)}`, 'write { name: value }', at)
    } else if (definition) checkParams(value, definition, place)
    scope.add({
      ...base,
      kind: 'trigger',
      dag: typeof dag === 'string' ? dag : '',
      params: value,
      logicalDate: logicalDate === undefined ? null : readValue(logicalDate, place, ['logicalDate']),
      wait: wait === true,
    })
    return scope.ref(id, outputSchema, 'workflow')
  }
  return trigger
}

/** What the other DAG would refuse, as far as the values are known now. */
function checkParams(
  value: Extract<InputValue, { kind: 'map' }>,
  { id, params }: DagDefinition,
  place: InputPlace,
): void {
  const declared = fields(params)
  const refuse = (message: string, hint: string) =>
    place.problems.add('DAG208', `${place.what}: ${message}`, hint)
  for (const { key, value: item } of value.entries) {
    const schema = Object.hasOwn(declared, key) ? declared[key] : undefined
    const reason = schema && refsIn(item).length === 0 ? inputRefusal(schema, constantOf(item)) : null
    if (!schema) refuse(`DAG ${id} has no param "${key}"`, didYouMean(key, fieldNames(params), 'params'))
    else if (reason !== null) refuse(`param ${key} of DAG ${id} is refused: ${reason}`, 'see its params')
  }
  for (const [key, schema] of Object.entries(declared)) {
    if (isOptional(schema) || value.entries.some((entry) => entry.key === key)) continue
    refuse(`param ${key} of DAG ${id} is missing`, `add ${key}`)
  }
}

function isDefinition(value: unknown): value is DagDefinition {
  return isPlainObject(value) && value['kind'] === 'dag'
}
