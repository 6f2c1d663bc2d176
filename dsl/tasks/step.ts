import type { StepContract, StepInput, StepOutput } from '../contract.ts'
import { DagError } from '../errors/dag-error.ts'
import type { TaskRef } from '../handle.ts'
import { readInputs } from '../input.ts'
import { callerOf, type Location } from '../location.ts'
import type { Model } from '../model.ts'
import { workKeys, type WorkOptions } from '../options.ts'
import type { Place } from '../place.ts'
import type { Inputs } from '../ref.ts'
import { isObjectSchema } from '../schema.ts'
import type { Scope } from '../scope.ts'
import { asList } from '../values.ts'

/** Named inputs of a step, each a value or a reference. */
export type InputsOf<C extends StepContract> = {
  readonly [Key in keyof StepInput<C>]: Inputs<StepInput<C>[Key]>
}

export type TaskOptions = WorkOptions & {
  /** Models without SQL that this step fills; their readers wait for it. @default [] */
  readonly writes?: readonly Model[]
}

/**
 * Runs a step. References in `inputs` draw the edges. Airflow: calling a `@task` function.
 *
 * @example
 * const list = task('fetch_list', fetchList, { day: run.date }, { retries: 3 })
 * task('load', load, { objects: list.objects })
 */
export type DeclareTask = <C extends StepContract>(
  id: string,
  contract: C,
  inputs: InputsOf<C>,
  options?: TaskOptions,
) => TaskRef<StepOutput<C>>

export const stepKeys = [...workKeys, 'writes'] as const

export function stepKind(scope: Scope): DeclareTask {
  const task: DeclareTask = (id, contract, inputs, options = {}) => {
    const at = callerOf(task)
    checkContract(id, contract, at)
    const { timeoutSeconds } = contract
    const base = scope.base(id, options, { keys: stepKeys, timeout: timeoutSeconds, works: true, at })
    scope.add({
      ...base,
      kind: 'step',
      contract,
      input: readInputs(inputs, contract, scope.inputPlace(`task ${id}`, at)),
      writes: readWrites(options.writes, { what: `task ${id}`, problems: scope.problems, at }),
      mapping: null,
    })
    return scope.ref(id, contract.output, 'storage')
  }
  return task
}

export function checkContract(id: string, contract: StepContract | undefined, at: Location | null): void {
  if (contract?.kind === 'step_contract' && isObjectSchema(contract.input) && isObjectSchema(contract.output))
    return
  throw new DagError('DAG112', `task ${id} is given no step contract`, {
    at,
    hint: 'pass what defineContract({ … }) of the step returned',
  })
}

export function readWrites(models: unknown, { what, problems, at }: Place): readonly Model[] {
  return asList(models).filter((candidate): candidate is Model => {
    const isModel =
      typeof candidate === 'object' && candidate !== null && (candidate as Model).kind === 'model'
    if (!isModel)
      problems.add('DAG104', `${what}: writes holds no model`, 'pass what model({ … }) returned', at)
    return isModel
  })
}
