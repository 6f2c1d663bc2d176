import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../clock.ts'
import { ExecutionStore } from './store.ts'

const DAY = 86_400_000
const place = { project: 'p', location: 'l' }
const key = { ...place, id: 'w' }

test('an execution of an earlier emulator ages from the opening of the store on, its end notwithstanding', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dagwright-store-'))
  try {
    const ended = '2026-01-01T00:00:00.000Z'
    new ExecutionStore(dir, place, virtualClock(Date.parse(ended))).put(key, {
      name: 'projects/p/locations/l/workflows/w/executions/e',
      createTime: ended,
      startTime: ended,
      endTime: ended,
      duration: '0s',
      state: 'SUCCEEDED',
      workflowRevisionId: '000001-abc',
    })
    const clock = virtualClock(Date.parse('2027-01-01T00:00:00Z'))
    const store = new ExecutionStore(dir, place, clock)
    await clock.sleep(90 * DAY)
    expect(store.list(key)).toHaveLength(1)
    expect(store.get(key, 'e')).not.toBeNull()
    await clock.sleep(1)
    expect(store.get(key, 'e')).toBeNull()
    expect(store.list(key)).toEqual([])
    expect(readdirSync(join(dir, 'w'))).toEqual([])
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
