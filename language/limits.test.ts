import { expect, test } from 'vitest'
import { limits } from './limits.ts'

/** The other limits have cases at their edge; nobody waits for so many executions. */
test('numbers of the quota page that no case reaches', () => {
  expect(limits.workflows.value).toBe(10_000)
  expect(limits.concurrentExecutions.value).toBe(10_000)
  expect(limits.executionBacklog.value).toBe(100_000)
  expect(limits.workflowRequests.value).toBe(1200)
  expect(limits.executionGetRequests.value).toBe(6000)
  expect(limits.executionListRequests.value).toBe(1200)
  expect(limits.executionWriteRequests.value).toBe(6000)
})
