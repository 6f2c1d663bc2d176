import { z } from 'zod'
import type { TaskRef } from '../handle.ts'
import { callerOf } from '../location.ts'
import { longestWait, workKeys, type WorkOptions } from '../options.ts'
import { checkKeys } from '../problems.ts'
import type { Scope } from '../scope.ts'
import { describe } from '../values.ts'

export interface ApprovalSpec {
  /** What is to be decided, as the person reads it. */
  readonly message: string
  /** How the task ends when it is rejected. @default 'skip' */
  readonly onReject?: 'skip' | 'fail'
  /** How the task ends when nobody decides within `timeout`. @default 'fail' */
  readonly onTimeout?: 'skip' | 'fail'
}

export interface ApprovalOutput {
  /** True: what comes after runs only then. */
  readonly approved: boolean
  /** Who decided, as far as it is known. */
  readonly by: string | null
  /** What they wrote with it. */
  readonly note: string | null
}

/**
 * Waits for a person's decision: `dag approve RUN TASK`, or a request to the callback's address. `timeout` is of the
 * whole waiting, by default seven days (the DAG's defaults do not count). Airflow: `ApprovalOperator`.
 *
 * @example
 * const approved = approval('publish', { message: 'Publish the prices of today?' }, { timeout: '12h' })
 * task('publish_prices', publishPrices, {}, { after: approved })
 */
export type DeclareApproval = (
  id: string,
  spec: ApprovalSpec,
  options?: WorkOptions,
) => TaskRef<ApprovalOutput>

const week = 7 * 86_400
const outputSchema = z.object({
  approved: z.boolean(),
  by: z.string().max(320).nullable(),
  note: z.string().max(500).nullable(),
})

export function approvalKind(scope: Scope): DeclareApproval {
  const approval: DeclareApproval = (id, spec, options = {}) => {
    const at = callerOf(approval)
    const what = `task ${id}`
    const base = scope.base(id, options, {
      keys: workKeys,
      timeout: week,
      works: false,
      longest: longestWait,
      at,
    })
    const given: Partial<ApprovalSpec> = spec ?? {}
    checkKeys(given, ['message', 'onReject', 'onTimeout'], what, scope.problems, at)
    const { message, onReject = 'skip', onTimeout = 'fail' } = given
    if (typeof message !== 'string' || message.trim() === '') {
      const hint = 'say in a sentence what is to be decided'
      scope.problems.add('DAG119', `${what} asks ${describe(message)}`, hint, at)
    }
    for (const [option, value] of Object.entries({ onReject, onTimeout })) {
      if (value === 'skip' || value === 'fail') continue
      scope.problems.add('DAG104', `${what}: ${option} is ${describe(value)}`, 'say skip or fail', at)
    }
    scope.add({ ...base, kind: 'approval', message: message ?? '', onReject, onTimeout })
    return scope.ref(id, outputSchema, 'workflow')
  }
  return approval
}
