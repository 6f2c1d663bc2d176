import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDags, loadDags } from '../../compiler/index.ts'
import { everyFailure, type FailureCase } from '../../testing/index.ts'
import type { TryEnd } from './description.ts'
import { describeDefinition } from './from-definition.ts'
import { predict } from './oracle.ts'

const root = join(import.meta.dirname, '../..')
const names = findDags(root)
const definitions = await loadDags(root, names)

const ends: Readonly<Record<FailureCase['how'], TryEnd>> = {
  fail: 'fail',
  skip: 'skip',
  time_out: 'timeout',
  reject: 'give_up',
}

const version = { object: 'staged', generation: '1' }
const md5 = '0'.repeat(32)

/** Outputs that cannot be made up from a contract alone. */
const mocks = {
  anilist: {
    fetch_user: {
      userId: 1,
      userName: 'Gajs',
      scoreFormat: null,
      customLists: [],
      ...version,
      md5,
      manifest: version,
    },
    fetch_media_list: {
      userName: 'Gajs',
      date: '2026-03-09',
      complete: true,
      chunks: 1,
      entries: 0,
      manifest: version,
      objects: [{ ...version, md5, bytes: 2, chunk: 1, hasNext: false }],
    },
  },
}

/** Every way in which one task can go wrong, in the emulator. */
describe.each(definitions.map((definition) => [definition.id, definition] as const))(
  'each failure of DAG %s',
  (_, definition) => {
    it('ends as the oracle says', async () => {
      let cases = 0
      const options = { mocks: mocks[definition.id as keyof typeof mocks] ?? {} }
      for await (const { task, how, run } of everyFailure(definition, options)) {
        cases += 1
        const tries = [{ ends: ends[how], seconds: 1 }]
        const expected = predict(describeDefinition(definition, { [task]: tries }))
        expect({ task, how, state: run.state, tasks: run.tasks }).toMatchObject({
          state: expected.run,
          tasks: Object.fromEntries(
            Object.entries(expected.tasks).map(([id, [end]]) => [
              id,
              { state: end?.state, tries: end?.tries },
            ]),
          ),
        })
      }
      expect(cases).toBeGreaterThanOrEqual(definition.tasks.length)
    })
  },
)

it('finds the DAGs of the project', () => {
  expect(names).toContain('anilist')
})
