import type { Condition, TaskDefinition } from '../dsl/index.ts'
import { UnfitAnswer } from './answer.ts'
import { exampleOf } from './example.ts'
import { passingAnswer } from './passing.ts'
import type { Outcome } from './outcome.ts'

/**
 * What a task without a mock gets: everything goes well at once, and a step's output is the smallest that its contract
 * promises.
 *
 * @throws UnfitAnswer where no output can be made up
 */
export function standard(task: TaskDefinition): Outcome {
  return { kind: 'answer', answer: answerOf(task) }
}

function answerOf(task: TaskDefinition): Readonly<Record<string, unknown>> {
  switch (task.kind) {
    case 'step':
      return madeUp(task.id, task.contract.output)
    case 'http':
      return { headers: {}, ...madeUp(task.id, task.output), status: 200 }
    case 'sensor':
      return task.condition.kind === 'http' ? readyAnswer(task.id, task.condition.until) : { ready: true }
    case 'approval':
      return { approved: true, by: 'simulation@example.com', note: '' }
    case 'trigger':
      return { state: 'success' }
    case 'model':
    case 'branch':
    case 'short_circuit':
    case 'empty':
      return {}
  }
}

function madeUp(task: string, schema: Parameters<typeof exampleOf>[0]): Readonly<Record<string, unknown>> {
  const example = exampleOf(schema)
  if (example !== null) return example.value as Readonly<Record<string, unknown>>
  throw new UnfitAnswer(
    `task ${task} has no mock, and no output that its contract promises can be made up`,
    `give one: mocks: { ${task}: { … } }`,
  )
}

/** The answer that an HTTP sensor waits for. */
function readyAnswer(task: string, until: Condition | null): Readonly<Record<string, unknown>> {
  const answer = until === null ? {} : passingAnswer(until)
  if (answer !== null)
    return { status: 200, headers: {}, body: {}, ...(answer as Readonly<Record<string, unknown>>) }
  throw new UnfitAnswer(
    `task ${task} has no mock, and no answer that it waits for can be made up`,
    `give one: mocks: { ${task}: { body: { … } } }`,
  )
}
