import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { StepEntry } from '../../engine/history.ts'
import { HistoryFile, readHistory } from './history.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dagwright-history-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const entry = (entryId: number, text: string): StepEntry => ({
  entryId,
  routine: 'main',
  step: 's',
  stepType: 'STEP_ASSIGN',
  state: 'STATE_SUCCEEDED',
  createTime: 0,
  updateTime: 1,
  parent: null,
  children: [],
  previous: entryId === 1 ? null : entryId - 1,
  next: null,
  threadId: '0',
  variables: new Map([['x', text]]),
})

it('is full after 64 MB of variables', () => {
  const path = join(folder, 'steps.jsonl')
  const file = new HistoryFile(path)
  const text = 'x'.repeat(1024 * 1024)
  let count = 0
  while (!file.full && count < 200) file.ended(entry((count += 1), text))
  file.close()
  expect(count).toBeGreaterThan(60)
  expect(count).toBeLessThan(100)
  expect(statSync(path).size).toBeLessThan(100 * 1024 * 1024)
})

it('reads what a kill has left: the last line may be half of one', () => {
  const path = join(folder, 'steps.jsonl')
  const file = new HistoryFile(path)
  file.ended(entry(1, 'one'))
  file.ended(entry(2, 'two'))
  file.close()
  appendFileSync(path, '{"entryId":3,"routine":"ma')
  expect(readHistory(path)).toMatchObject([
    { entryId: 1, next: 2, variables: '{"x":"one"}' },
    { entryId: 2, next: null },
  ])
})
