import { afterAll, beforeAll, expect, test } from 'vitest'
import { generatedSource, startAniListService, totalsOf } from '../../samples/anilist/index.ts'
import { simulate, type SimulateResult, temporaryFolder } from './cli.ts'
import { bodiesOf, expectTables } from './totals.ts'

/** What a rebuild, a repetition and the YAML alone give: anilist-again.pipeline.test.ts. */
const date = '2026-05-01'
const folder = temporaryFolder()
let run: SimulateResult

beforeAll(async () => {
  run = await simulate(['anilist', '--date', date, '--state', folder.path])
}, 60_000)

afterAll(() => {
  folder.remove()
})

test('the tables say what a count without SQL says', async () => {
  const service = await startAniListService({ data: generatedSource(), date, requestsPerMinute: 1000 })
  expect(run.state).toBe('success')
  await expectTables(folder.path, date, totalsOf(await bodiesOf(service, 'Gajs')))
  await service.close()
})
