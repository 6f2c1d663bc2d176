import { refText, type RefState } from './ref.ts'

/** Where a reference is read. */
interface Reader {
  /** Path of the mapped group that the reading task is in, or null. */
  readonly here: string | null
  /** Path of the mapped group that a task is in, or null. */
  readonly groupOf: (task: string) => string | null
  /** Whether the task itself is mapped. */
  readonly isMapped: (task: string) => boolean
}

interface OutOfReach {
  readonly message: string
  readonly hint: string
}

/** Why a reference has no value where it is read, or null where it has one. */
export function outOfReach(reference: RefState, { here, groupOf, isMapped }: Reader): OutOfReach | null {
  const text = refText(reference)
  const { source, of } = reference
  switch (source.kind) {
    case 'params':
    case 'run':
      return null
    case 'response':
      return {
        message: `${text} is the answer that a sensor tests`,
        hint: 'use it in `until` of that sensor only',
      }
    case 'item':
      if (source.group === here) return null
      return {
        message: `${text} is an item of mapped group ${source.group}`,
        hint: 'use it in tasks of that group only',
      }
    case 'task':
    case 'outcomes': {
      const group = groupOf(source.task)
      if (of === 'one' && group !== null && group !== here) {
        return {
          message: `${text} is what one instance of mapped group ${group} gives`,
          hint: `outside of the group, outputsOf(…) is the list of what all instances give`,
        }
      }
      if (of === 'all' && group !== null && group === here) {
        return {
          message: `${text} is what all instances of mapped group ${group} give`,
          hint: 'inside the group, use the reference itself: it is what the same instance gives',
        }
      }
      if (of === 'all' && group === null && !isMapped(source.task)) {
        return {
          message: `task ${source.task} has one output, not one per instance`,
          hint: 'use the reference itself; outputsOf(…) is for tasks of mapped groups',
        }
      }
      return null
    }
  }
}
