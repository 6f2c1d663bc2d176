import { expect, test } from 'vitest'
import { readCompiled } from '../deploy/compiled.ts'
import { join, resolve } from 'node:path'
import type { Clients } from '../deploy/clients.ts'
import { argumentAgain } from './past-run.ts'
import { startRun } from './start-run.ts'

const compiled = await readCompiled(join(resolve(import.meta.dirname, '..'), 'generated/anilist'))
const at = '2026-03-09T06:00:00+00:00'
const facts = {
  dag: 'anilist',
  runId: 'manual__2026-03-09t06-00-00z',
  trigger: 'manual',
  logicalDate: at,
  intervalStart: at,
  intervalEnd: at,
  params: {},
  execution: 'projects/p/locations/l/workflows/anilist/executions/1',
}

/** Takes what it is given, or says that it was asked. */
function clients(): { readonly created: string[]; readonly clients: Clients } {
  const created: string[] = []
  const environment = { name: 'local', project: 'p', region: 'l' }
  const createExecution = ({ execution }: { execution: { argument: string } }) => {
    created.push(execution.argument)
    return Promise.resolve([{ name: 'execution' }])
  }
  const executions = () => Promise.resolve({ createExecution })
  return { created, clients: { environment, executions } as unknown as Clients }
}

/** Skipped instances are told one by one: of so many maps that their list fills the argument, and how many bytes more. */
function rerunOf(maps: number, filling: string) {
  const known = Object.fromEntries(
    Array.from({ length: maps }, (_, map) =>
      Array.from({ length: 1000 }, (__, index) => [map, index] as const),
    )
      .flat()
      .map(([map, index]) => [`map_${map}/${index}`, index % 2 === 0 ? 'skipped' : 'success'] as const),
  )
  return argumentAgain({ ...facts, params: { filling } }, 'rerun', known)
}

test('an argument of 32 KB starts, and one of a byte more is refused with a way out, before anything is asked for', async () => {
  const most = 32 * 1024
  const empty = Buffer.byteLength(JSON.stringify(rerunOf(12, '')))
  expect(empty).toBeLessThan(most)
  const { created, clients: given } = clients()
  await startRun(given, compiled, rerunOf(12, 'x'.repeat(most - empty)))
  expect(created.map((text) => Buffer.byteLength(text))).toEqual([most])
  const refused = await startRun(given, compiled, rerunOf(12, 'x'.repeat(most - empty + 1))).catch(
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({
    name: 'UserError',
    code: 'DAG608',
    place: `run ${facts.runId}`,
    message: expect.stringContaining(`takes ${most + 1} of ${most} bytes`),
    hint: expect.stringContaining('--from'),
  })
  expect(created).toHaveLength(1)
})

test('a rerun of a map of which many instances are told one by one is refused where they do not fit', async () => {
  const { created, clients: given } = clients()
  await expect(startRun(given, compiled, rerunOf(20, ''))).rejects.toMatchObject({ code: 'DAG608' })
  const { mode, ...first } = rerunOf(20, '')
  expect(mode).toBe('rerun')
  await expect(startRun(given, compiled, first)).rejects.toMatchObject({ code: 'DAG603' })
  expect(created).toEqual([])
})
