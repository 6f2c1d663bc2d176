import type { StepContract, StepInput, StepOutput } from '../contract.ts'
import type { MapRef } from '../handle.ts'
import { readInputs } from '../input.ts'
import { callerOf } from '../location.ts'
import { readMapping, type MappingOptions } from '../mapping-input.ts'
import { outcomesRef, outputsRef } from '../outcomes.ts'
import type { Handle, Inputs } from '../ref.ts'
import type { Scope } from '../scope.ts'
import type { ListInput, Zip } from '../zip.ts'
import { checkContract, readWrites, stepKeys, type TaskOptions } from './step.ts'

export type MapOptions = TaskOptions & MappingOptions

/** Inputs of a step that a mapping does not give. */
type Remaining<C extends StepContract, Mapped> = {
  readonly [Key in keyof StepInput<C> as Key extends Mapped ? never : Key]: Inputs<StepInput<C>[Key]>
}

/** `partial` may be left out where the mapping gives every input that the step needs. */
type Options<C extends StepContract, Mapped> =
  object extends Remaining<C, Mapped>
    ? [options?: MapOptions & { readonly partial?: Remaining<C, Mapped> }]
    : [options: MapOptions & { readonly partial: Remaining<C, Mapped> }]

type Lists<C extends StepContract, Key extends keyof StepInput<C>> = {
  readonly [Each in Key]: ListInput<StepInput<C>[Each]>
}

/**
 * Runs a step once per item of lists that are known only while a run executes; at most 1,000 instances. An empty list
 * makes the task skipped. Airflow: `partial(…).expand(…)`, `expand_kwargs(…)`.
 *
 * Instances retry on their own. The task as a whole succeeds if no more than `tolerateFailed` of them fail.
 *
 * @example
 * const pages = map('fetch_page', fetchPage, { page: list.pages }, { partial: { day: run.date }, maxConcurrent: 5 })
 * task('load', load, { pages: pages.outputs })
 *
 * @example
 * map('copy', copy, zip({ from: list.sources, to: list.targets }))
 */
export interface DeclareMap {
  /** Inputs by position of several lists. */
  <C extends StepContract, Key extends keyof StepInput<C>>(
    id: string,
    contract: C,
    over: Zip<Lists<C, Key>, { readonly [Each in Key]: Inputs<StepInput<C>[Each]> }, Key>,
    ...options: Options<C, Key>
  ): MapRef<StepOutput<C>>
  /** One list, whose items are maps of inputs. */
  <C extends StepContract, Key extends keyof StepInput<C>>(
    id: string,
    contract: C,
    over:
      | Handle<readonly { readonly [Each in Key]: StepInput<C>[Each] }[]>
      | readonly { readonly [Each in Key]: Inputs<StepInput<C>[Each]> }[],
    ...options: Options<C, Key>
  ): MapRef<StepOutput<C>>
  /** Every combination of the lists' items, the last list varying fastest. */
  <C extends StepContract, Key extends keyof StepInput<C>>(
    id: string,
    contract: C,
    over: Lists<C, Key>,
    ...options: Options<C, Key>
  ): MapRef<StepOutput<C>>
}

export function mapKind(scope: Scope): DeclareMap {
  const map = (
    id: string,
    contract: StepContract,
    over: unknown,
    options: MapOptions & { readonly partial?: unknown } = {},
  ): MapRef<unknown> => {
    const at = callerOf(map)
    checkContract(id, contract, at)
    const { timeoutSeconds: timeout } = contract
    const keys = [...stepKeys, 'partial', 'maxConcurrent', 'tolerateFailed']
    const base = scope.base(id, options, { keys, timeout, works: true, at })
    const place = scope.inputPlace(`task ${id}`, at)
    const { mapping, given, mayMiss } = readMapping(over, options, {
      contract,
      place,
      pool: base.pool,
      pools: scope.pools,
      rule: base.triggerRule,
      group: scope.mappedGroup(),
    })
    const input = readInputs(options.partial ?? {}, contract, place, { given, mayMiss })
    scope.add({
      ...base,
      kind: 'step',
      contract,
      input,
      writes: readWrites(options.writes, { what: `task ${id}`, problems: scope.problems, at }),
      mapping,
    })
    const all = {
      outputs: outputsRef(scope.owner, id, contract.output),
      outcomes: outcomesRef(scope.owner, id, contract.output),
    }
    return scope.addHandle(Object.freeze(all) as MapRef<unknown>, { kind: 'task', id })
  }
  return map as DeclareMap
}
