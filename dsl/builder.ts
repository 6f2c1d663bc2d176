import { z } from 'zod'
import { makeRef, type Ref } from './ref.ts'
import { makeScope, type ScopeOptions } from './scope.ts'
import { approvalKind, type DeclareApproval } from './tasks/approval.ts'
import { httpKind, type DeclareHttp } from './tasks/http.ts'
import { sensorKind, type DeclareSensor } from './tasks/sensor.ts'
import { triggerKind, type DeclareTrigger } from './tasks/trigger.ts'
import { branchKind, type DeclareBranch } from './tasks/branch.ts'
import { emptyKind, type DeclareEmpty } from './tasks/empty.ts'
import { groupKind, type DeclareGroup } from './tasks/group.ts'
import { mapGroupKind, type DeclareMapGroup } from './tasks/map-group.ts'
import { mapKind, type DeclareMap } from './tasks/map.ts'
import { modelKind, type DeclareBuild } from './tasks/model.ts'
import { shortCircuitKind, type DeclareShortCircuit } from './tasks/short-circuit.ts'
import { stepKind, type DeclareTask } from './tasks/step.ts'

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

/** A DAG without params has no fields, instead of fields of any name. */
type Declared<Params> = string extends keyof Params
  ? [Params[keyof Params]] extends [never]
    ? object
    : Params
  : Params

/** What the callback of `dag` is given. */
export interface DagContext<P extends z.ZodObject> {
  readonly run: RunRefs
  readonly params: Ref<Declared<z.output<P>>>
  readonly task: DeclareTask
  readonly build: DeclareBuild
  readonly map: DeclareMap
  readonly mapGroup: DeclareMapGroup
  readonly approval: DeclareApproval
  readonly http: DeclareHttp
  readonly sensor: DeclareSensor
  readonly trigger: DeclareTrigger
  readonly branch: DeclareBranch
  readonly shortCircuit: DeclareShortCircuit
  readonly empty: DeclareEmpty
  readonly group: DeclareGroup
}

const runSchema = z.object({
  runId: z.string(),
  logicalDate: z.string(),
  intervalStart: z.string(),
  intervalEnd: z.string(),
  date: z.string(),
  execution: z.string(),
})

/** Collects the declarations that the callback of one DAG makes. */
export function makeBuilder({ params, ...options }: ScopeOptions & { readonly params: z.ZodObject }) {
  const scope = makeScope(options)
  const { owner } = scope
  const context: DagContext<z.ZodObject> = {
    run: makeRef(owner, { source: { kind: 'run' }, path: [] }, runSchema) as unknown as RunRefs,
    params: makeRef(owner, { source: { kind: 'params' }, path: [] }, params),
    task: stepKind(scope),
    build: modelKind(scope),
    map: mapKind(scope),
    mapGroup: mapGroupKind(scope),
    approval: approvalKind(scope),
    http: httpKind(scope),
    sensor: sensorKind(scope),
    trigger: triggerKind(scope),
    branch: branchKind(scope),
    shortCircuit: shortCircuitKind(scope),
    empty: emptyKind(scope),
    group: groupKind(scope),
  }
  return { context, scope }
}
