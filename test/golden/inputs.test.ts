import { expect, it } from 'vitest'
import { runGolden, statesOf } from './run-golden.ts'
import { runArgument } from './world.ts'

/** What reaches the container of the golden DAG `inputs`. */

const rows = { count: 3, objects: [], manifest: { path: 'm', files: [] } }
const params = { limit: 10, filter: { name: 'x' } }

async function textsOf(output: Readonly<Record<string, unknown>>, given: unknown = params): Promise<unknown> {
  const record = await runGolden('inputs', {
    steps: { fetch_rows: [{ output }] },
    argument: { ...runArgument, params: given },
  })
  expect(statesOf(record, 'texts')).toEqual({ texts: 'success' })
  const job = record.jobs.find(({ task }) => task === 'texts')
  return (JSON.parse(job?.env['DAG_INPUT'] ?? '{}') as { readonly value?: unknown }).value
}

it('texts are put together from values of the run', async () => {
  expect(await textsOf(rows)).toEqual({
    object: 'raw/2026-03-09/part-10.json',
    counted: '3 rows of "x"',
    plain: 'nothing of a run',
  })
})

it('what is not there is no text', async () => {
  const { count: _, ...others } = rows
  expect(await textsOf(others, { limit: null, filter: {} })).toEqual({
    object: 'raw/2026-03-09/part-.json',
    counted: ' rows of ""',
    plain: 'nothing of a run',
  })
})
