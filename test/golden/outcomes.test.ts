import { expect, it } from 'vitest'
import { connectionFailedError, httpError, mapOf, timeoutError } from '../../simulator/engine/index.ts'
import { readInstances } from '../../steps/runtime/instances.ts'
import { ObjectNotFound, type ObjectStore } from '../../steps/runtime/object-store.ts'
import { runGolden } from './run-golden.ts'
import { planned, runArgument, type RunRecord, type WorldOptions } from './world.ts'

/**
 * What the task that looks at the ends of a map reads, by the step's own code, where it was the workflow that wrote how an
 * instance ended: services refused what it asked for, or the container said nothing.
 */
function outcomesOf({ objects }: RunRecord) {
  const store = {
    get: (name: string) => {
      const found = objects.get(name)
      if (found === undefined) return Promise.reject(new ObjectNotFound(`no ${name}`))
      return Promise.resolve(Buffer.from(JSON.stringify(found.body)))
    },
  } as unknown as ObjectStore
  const folder = `gs://bucket/runs/map/${runArgument.run_id}/fetch_page/`
  return readInstances({ $map: folder, $count: 3, $as: 'outcomes' }, () => store)
}

const answered = (status: number, body: unknown = null) =>
  httpError(
    status,
    mapOf({}),
    body === null ? null : mapOf({ error: mapOf({ message: body as string, status: 'DENIED' }) }),
  )

const jobs = 'googleapis.run.v2.projects.locations.jobs.run'

/** From the second call on: the first is of the task that gives the list. */
const refusing = (error: Error): WorldOptions => ({
  failing: (name, call) => (name === jobs && call > 1 ? error : null),
})

const cases: readonly (readonly [string, WorldOptions, RegExp, RegExp])[] = [
  ['a job that may not be started', refusing(answered(403, 'no right')), /^http_403$/, /no right/],
  ['a job that is not there', refusing(answered(404)), /^http_404$/, /./],
  ['a service that answers with no text', refusing(answered(500)), /^http_500$/, /./],
  ['a service that is out of reach', refusing(connectionFailedError('no route')), /Connection/, /no route/],
  ['a service that does not answer', refusing(timeoutError('too long')), /Timeout/i, /too long/],
  ['a container that says nothing', { steps: { fetch_page: ['silent'] } }, /^no_output$/, /./],
  ['a container that breaks', { steps: { fetch_page: ['crash'] } }, /^infrastructure$/, /./],
  ['a container that takes too long', { steps: { fetch_page: ['timeout'] } }, /./, /./],
]

it.each(cases)('%s is read as a failure with code and message', async (_, world, code, message) => {
  const record = await runGolden('map', { ...world, steps: { plan: [planned], ...world.steps } })
  const read = await outcomesOf(record)
  expect(read).toEqual(
    [0, 1, 2].map((index) => ({
      index,
      state: 'failed',
      output: null,
      error: { code: expect.stringMatching(code), message: expect.stringMatching(message) },
    })),
  )
})
