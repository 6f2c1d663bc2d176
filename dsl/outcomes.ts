import { z } from 'zod'
import { DagError } from './errors/dag-error.ts'
import type { Outcome, TaskRef } from './handle.ts'
import { callerOf } from './location.ts'
import { makeRef, refOf, refText, type Handle, type Ref, type RefState } from './ref.ts'
import type { Schema } from './schema.ts'
import { describe } from './values.ts'

/**
 * What all instances of a task in a mapped group give, by position, null where one gave nothing. For use outside of the
 * group: inside, the task's own reference is what the same instance gives.
 *
 * @example
 * const days = mapGroup('days', list.days, (day) => task('fetch_day', fetchDay, { day }))
 * task('load', load, { days: outputsOf(days.value) })
 */
export function outputsOf<Output>(member: TaskRef<Output> | Handle<Output>): Ref<(Output | null)[]> {
  const { owner, task, schema } = memberOf(member, outputsOf)
  return outputsRef(owner, task, schema)
}

/** How each instance of a task in a mapped group ended, by position. */
export function outcomesOf<Output>(member: TaskRef<Output> | Handle<Output>): Ref<Outcome<Output>[]> {
  const { owner, task, schema } = memberOf(member, outcomesOf)
  return outcomesRef(owner, task, schema)
}

/** Results of instances stand in storage, however small they are. */
const all = { of: 'all', stored: {} } as const

/** The outputs of all instances of a repeated task. */
export function outputsRef<Output>(owner: object, task: string, output: Schema): Ref<(Output | null)[]> {
  return makeRef(owner, { source: { kind: 'task', task }, path: [] }, listOf(nullable(output)), all)
}

/** The outcomes of all instances of a repeated task. */
export function outcomesRef<Output>(owner: object, task: string, output: Schema): Ref<Outcome<Output>[]> {
  const outcome = z.object({
    index: z.int(),
    state: z.enum(['success', 'failed', 'upstream_failed', 'skipped']),
    output: nullable(output),
    error: z.object({ code: z.string().max(100), message: z.string().max(1000) }).nullable(),
  })
  return makeRef(owner, { source: { kind: 'outcomes', task }, path: [] }, listOf(outcome), all)
}

function memberOf(
  member: unknown,
  entry: (...args: never[]) => unknown,
): { readonly owner: object; readonly task: string; readonly schema: Schema } {
  const reference: RefState | null = refOf(member)
  if (reference?.source.kind === 'task' && reference.path.length === 0 && reference.of === 'one') {
    return { owner: reference.owner, task: reference.source.task, schema: reference.schema }
  }
  const named = reference ? refText(reference) : describe(member)
  throw new DagError('DAG211', `${named} is no task of a mapped group`, {
    at: callerOf(entry),
    hint: 'pass what task(…) returned inside mapGroup(…); read fields of it behind outputsOf(…)[0]',
  })
}

function nullable(schema: Schema): z.ZodType {
  return z.nullable(schema as z.ZodType)
}

function listOf(schema: z.ZodType): z.ZodType {
  return z.array(schema)
}
