import { readCondition, type ConditionInput } from '../condition-input.ts'
import { durationSeconds, type Duration } from '../duration.ts'
import type { TaskHandle } from '../handle.ts'
import { readValue, type InputPlace } from '../input.ts'
import { callerOf } from '../location.ts'
import { longestWait, workKeys, type WorkOptions } from '../options.ts'
import { checkKeys } from '../problems.ts'
import { readRequest, requestKeys, responseRef, responseSchema } from '../request.ts'
import type { Scope } from '../scope.ts'
import type { SensorSpec } from '../sensor.ts'
import { tableId } from '../table-name.ts'
import type { SensorCondition } from '../task.ts'
import { describe, isPlainObject } from '../values.ts'

export type SensorOptions = WorkOptions & {
  /** Time between two looks. @default '1m' */
  readonly pokeInterval?: Duration
  /** Ends skipped, instead of failed, when `timeout` is over. @default false */
  readonly softFail?: boolean
}

/**
 * Waits until something is there. `timeout` is of the whole waiting, by default one day (the DAG's defaults do not
 * count); when it is over the sensor fails without another try, or is skipped with `softFail`.
 * Airflow: sensors in reschedule mode.
 *
 * @example
 * const there = sensor('export_done', objectExists({ object: 'sales/_SUCCESS' }), { timeout: '6h', softFail: true })
 * task('load', load, {}, { after: there })
 */
export type DeclareSensor = (id: string, condition: SensorSpec, options?: SensorOptions) => TaskHandle

const day = 86_400

export function sensorKind(scope: Scope): DeclareSensor {
  const sensor: DeclareSensor = (id, condition, options = {}) => {
    const at = callerOf(sensor)
    const what = `task ${id}`
    const keys = [...workKeys, 'pokeInterval', 'softFail']
    const base = scope.base(id, options, { keys, timeout: day, works: false, longest: longestWait, at })
    const { pokeInterval = '1m', softFail = false } = options
    const pokeSeconds = durationSeconds(pokeInterval)
    if (pokeSeconds === null) {
      const hint = 'write a whole number followed by s, m, h or d, e.g. 30s'
      scope.problems.add(
        'DAG105',
        `${what}: pokeInterval ${describe(pokeInterval)} is not a duration`,
        hint,
        at,
      )
    }
    if (typeof softFail !== 'boolean')
      scope.problems.add('DAG104', `${what}: softFail is ${describe(softFail)}`, 'give true or false', at)
    scope.add({
      ...base,
      kind: 'sensor',
      condition: readSpec(condition, scope.inputPlace(what, at)),
      pokeSeconds: pokeSeconds ?? 60,
      softFail,
    })
    return scope.handle(id)
  }
  return sensor
}

function readSpec(spec: SensorSpec, outer: InputPlace): SensorCondition {
  const place = { ...outer, inWorkflow: true }
  const kind: unknown = isPlainObject(spec) ? spec.kind : null
  const text = (value: unknown, name: string) => {
    if (typeof value === 'string' && value === '') refuse(place, `has an empty ${name}`, `name the ${name}`)
    return readValue(value, place, [name])
  }
  if (kind === 'object_exists' && spec.kind === kind) {
    return {
      kind: 'object',
      bucket: spec.bucket === undefined ? null : text(spec.bucket, 'bucket'),
      object: text(spec.object, 'object'),
    }
  }
  if (kind === 'partition_exists' && spec.kind === kind && spec.model?.kind === 'model') {
    const { model } = spec
    if (model.partitionBy === null) {
      refuse(
        place,
        `waits for a partition of ${tableId(model)}, which has none`,
        'give the model partitionBy',
      )
    }
    return { kind: 'partition', dataset: model.dataset, table: model.table, partition: text(spec.day, 'day') }
  }
  if (kind === 'http_ready' && spec.kind === kind) {
    checkKeys(spec.request, requestKeys, place.what, place.problems, place.at)
    return {
      kind: 'http',
      request: readRequest(spec.request, place),
      until: spec.until === undefined ? null : readUntil(spec.until, spec.request['response'], place),
    }
  }
  const hint = 'pass what objectExists(…), partitionExists(…) or httpReady(…) returned'
  refuse(place, `waits for ${describe(spec)}`, hint)
  return { kind: 'object', bucket: null, object: { kind: 'literal', value: '' } }
}

function readUntil(until: (response: never) => ConditionInput, body: unknown, place: InputPlace) {
  const response = responseRef(place.owner, responseSchema(body, place))
  const own: InputPlace = {
    ...place,
    outOfReach: (reference) => (reference.source.kind === 'response' ? null : place.outOfReach(reference)),
  }
  return readCondition(until(response as never), own, 'until')
}

function refuse(place: InputPlace, message: string, hint: string): void {
  place.problems.add('DAG119', `${place.what} ${message}`, hint)
}
