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
  /** With other tasks in a mapped group: `bad` lists the indexes at which one of them failed, where that is counted. */
  readonly group: { readonly countsFailures: boolean } | null
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
export function noteSteps(repeated: RepeatedTask, name: (text: string) => string): readonly Step[] {
  const { id, result, ends, isLookedAt, group } = repeated
  const failed = 'state == "failed"'
  const note = step(
    name('note'),
    assign([
      ['state', expr(`${result}.state`)],
      ['noted', map({ index: expr('index'), error: expr(`map.get(${result}, "error")`) })],
      [`${ends}.counts[state]`, expr(`default(map.get(${ends}.counts, state), 0) + 1`)],
      [`${ends}.tries`, expr(`math.max(${ends}.tries, ${result}.tries)`)],
      [`${ends}.failed`, expr(`if(${failed}, list.concat(${ends}.failed, index), ${ends}.failed)`)],
      [`${ends}.first`, expr(`if(${failed} and index < ${ends}.first.index, noted, ${ends}.first)`)],
      // Told where the group was not expanded: there is one reason then.
      ...(group === null ? [] : [[`${ends}.reason`, expr(`map.get(${result}, "reason")`)] as const]),
      ...(group?.countsFailures === true ? [['bad', expr(nowBad)] as const] : []),
    ]),
  )
  return isLookedAt ? [note, keepOutcome(id, name)] : [note]
}

const nowBad =
  'if(state in ["failed", "upstream_failed"] and not(index in bad), list.concat(bad, index), bad)'

/**
 * The ledger tells of successes only; what else became of an instance is kept beside it, for those that look. An outcome
 * that cannot be kept reads as a failure without an error.
 */
function keepOutcome(id: string, name: (text: string) => string): Step {
  return step(
    name('look_at_end'),
    switchOn([
      when(
        'state != "success"',
        block([
          step(
            name('keep_outcome'),
            tryBody(
              call('googleapis.storage.v1.objects.insert', {
                args: {
                  bucket: expr('run.bucket'),
                  name: expr(`text.url_encode(run.prefix + "${id}/" + string(index) + "/outcome.json")`),
                  uploadType: str('media'),
                  body: map({ state: expr('state'), error: expr('noted.error') }),
                },
              }),
              { except: except('e', [step(name('not_kept'), assign({ state: str('failed') }))]) },
            ),
          ),
        ]),
      ),
    ]),
  )
}

/** The call of `instances_result`, into a variable; `error` is that of the workflow, if it lost instances. */
export function resultStep(
  name: string,
  { id, ends, group }: RepeatedTask,
  mapping: Mapping,
  result: string,
): Step {
  const { kind, value } = mapping.tolerateFailed
  const most = kind === 'count' ? String(value) : `count * ${value} / 100`
  // A group is tolerated as a whole: by the indexes at which any of its tasks failed.
  const tolerated = group === null ? most : `if(len(bad) <= ${most}, count, 0)`
  return step(
    name,
    call('instances_result', {
      args: {
        name: str(id),
        ended: expr(ends),
        count: expr('count'),
        ...(value > 0 && { tolerated: expr(tolerated) }),
        error: expr('error'),
      },
      result,
    }),
  )
}
