import {
  assign,
  block,
  call,
  except,
  expr,
  int,
  list,
  map,
  step,
  str,
  switchOn,
  tryBody,
  when,
  type Step,
  type Value,
} from './language.ts'
import type { Mapping } from '../../dsl/mapping.ts'
import { mostInstances } from './helpers/expand-map.ts'

/** A task whose instances an iteration runs. */
export interface RepeatedTask {
  readonly id: string
  /** Variable that its result of this instance is in. */
  readonly result: string
  /** Shared variable that all its instances note their ends in. */
  readonly ends: string
  /** Another task reads how its instances ended. */
  readonly isLookedAt: boolean
}

/** Where no instance has ended yet: states and how many ended so, the most tries, which failed, and the first of those. */
export const noEnds: Value = map({
  counts: map({}),
  tries: int(0),
  failed: list([]),
  first: map({ index: int(mostInstances) }),
})

/**
 * Notes how an instance ended. Every assignment reads and writes one shared value by itself, which is what Workflows
 * keeps from colliding with other iterations; outputs are not kept.
 * https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps
 */
export function noteSteps({ id, result, ends, isLookedAt }: RepeatedTask, suffix = ''): readonly Step[] {
  const failed = 'state == "failed"'
  const note = step(
    `note${suffix}`,
    assign([
      ['state', expr(`${result}.state`)],
      ['noted', map({ index: expr('index'), error: expr(`map.get(${result}, "error")`) })],
      [`${ends}.counts[state]`, expr(`default(map.get(${ends}.counts, state), 0) + 1`)],
      [`${ends}.tries`, expr(`math.max(${ends}.tries, ${result}.tries)`)],
      [`${ends}.failed`, expr(`if(${failed}, list.concat(${ends}.failed, index), ${ends}.failed)`)],
      [`${ends}.first`, expr(`if(${failed} and index < ${ends}.first.index, noted, ${ends}.first)`)],
    ]),
  )
  return isLookedAt ? [note, keepOutcome(id, suffix)] : [note]
}

/**
 * The ledger tells of successes only; what else became of an instance is kept beside it, for those that look. An outcome
 * that cannot be kept reads as a failure without an error.
 */
function keepOutcome(id: string, suffix: string): Step {
  return step(
    `look_at_end${suffix}`,
    switchOn([
      when(
        'state != "success"',
        block([
          step(
            `keep_outcome${suffix}`,
            tryBody(
              call('googleapis.storage.v1.objects.insert', {
                args: {
                  bucket: expr('run.bucket'),
                  name: expr(`text.url_encode(run.prefix + "${id}/" + string(index) + "/outcome.json")`),
                  uploadType: str('media'),
                  body: map({ state: expr('state'), error: expr('noted.error') }),
                },
              }),
              { except: except('e', [step(`not_kept${suffix}`, assign({ state: str('failed') }))]) },
            ),
          ),
        ]),
      ),
    ]),
  )
}

/** The call of `instances_result`, into a variable; `error` is that of the workflow, if it lost instances. */
export function resultStep(name: string, { id, ends }: RepeatedTask, mapping: Mapping, result: string): Step {
  const { kind, value } = mapping.tolerateFailed
  const tolerated = kind === 'count' ? int(value) : expr(`count * ${value} / 100`)
  return step(
    name,
    call('instances_result', {
      args: {
        name: str(id),
        ended: expr(ends),
        count: expr('count'),
        ...(value > 0 && { tolerated }),
        error: expr('error'),
      },
      result,
    }),
  )
}
