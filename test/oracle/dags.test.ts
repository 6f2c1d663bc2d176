import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileDag, findDags, loadDags } from '../../compiler/index.ts'
import type { TaskDefinition } from '../../dsl/index.ts'
import { runArgument, runIn, workflowOf, type Behaviour, type QueryBehaviour } from '../golden/world.ts'
import type { TryEnd } from './description.ts'
import { describeDefinition } from './from-definition.ts'
import { predict } from './oracle.ts'

const root = join(import.meta.dirname, '../..')
const names = findDags(root)
const definitions = await loadDags(root, names)

const steps: Readonly<Partial<Record<TryEnd, Behaviour>>> = {
  fail: { error: { code: 'passing', retryable: true } },
  give_up: { error: { code: 'lasting', retryable: false } },
  skip: { skip: 'nothing to do' },
  timeout: 'timeout',
}
const queries: Readonly<Partial<Record<TryEnd, QueryBehaviour>>> = {
  fail: { reason: 'backendError' },
  give_up: { reason: 'invalidQuery' },
  timeout: { reason: 'stopped', message: 'Job execution was cancelled: Job timed out after 3600000ms' },
}

interface Failure {
  readonly task: string
  readonly ends: TryEnd
  readonly world: Parameters<typeof runIn>[1]
}

/** Every way in which a task can go wrong. */
function failuresOf({ id, kind }: TaskDefinition): readonly Failure[] {
  if (kind !== 'step' && kind !== 'model') throw new Error(`how can ${kind} ${id} fail?`)
  const [option, behaviours] = kind === 'step' ? (['steps', steps] as const) : (['queries', queries] as const)
  return (Object.keys(behaviours) as TryEnd[]).map((end) => ({
    task: id,
    ends: end,
    world: { [option]: { [id]: [behaviours[end]] } },
  }))
}

describe.each(definitions.map((definition) => [definition.id, definition] as const))(
  'DAG %s',
  (_, definition) => {
    const workflow = workflowOf(compileDag(definition, { projectDir: root }).source)
    const failures = definition.tasks.flatMap(failuresOf)

    it.each(failures)('ends as the oracle says where $task comes to $ends', async ({ task, ends, world }) => {
      const expected = predict(
        describeDefinition(definition, { script: { [task]: [{ ends, seconds: 10 }] } }),
      )
      const { state, value } = await runIn(workflow, { ...world, argument: { ...runArgument, params: {} } })
      expect(state).toBe(expected.run === 'success' ? 'SUCCEEDED' : 'FAILED')
      expect(value['tasks']).toMatchObject(
        Object.fromEntries(Object.entries(expected.tasks).map(([id, [end]]) => [id, { ...end }])),
      )
    })
  },
)

it('finds the DAGs of the project', () => {
  expect(names).toContain('anilist')
})
