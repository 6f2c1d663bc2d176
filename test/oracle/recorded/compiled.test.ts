import { expect, test } from 'vitest'
import { isTeardown } from '../description.ts'
import { judge, prepare } from '../judge.ts'
import { describeText } from '../show.ts'
import { structureOf } from '../structure.ts'
import { descriptionOf, readRecording } from './recording.ts'

/** Random DAGs have such a group seldom, and one whose list fails more seldom still. */
test('compiled teardowns in groups over a list of a task run as the oracle says', async () => {
  const dags = readRecording()
    .dags.map((each) => descriptionOf(each))
    .filter((dag) => {
      const { mappedGroups } = structureOf(dag)
      return dag.tasks.some(
        (task) => isTeardown(task) && typeof mappedGroups.get(task.id)?.map?.over === 'string',
      )
    })
  expect(dags.length).toBeGreaterThan(9)
  const wrong: string[] = []
  for (const dag of dags) {
    const difference = await judge(prepare(dag), { seed: 1, readings: {} })
    if (difference !== null) wrong.push(`${describeText(dag)}\n${difference}`)
  }
  expect(wrong).toEqual([])
})
