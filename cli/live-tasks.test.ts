import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { RunView, TaskState, TaskView } from '../history/run-view.ts'
import type { Output } from './command.ts'
import { liveTasks } from './live-tasks.ts'

function run(states: Readonly<Record<string, TaskState>>): RunView {
  const tasks = Object.entries(states).map(([id, state]): TaskView => ({
    id,
    kind: 'step',
    group: null,
    upstream: [],
    runs: '',
    writes: [],
    state,
    tries: state === 'none' ? [] : [{ start: 0, end: null, state: 'running', error: null }],
    start: 0,
    end: null,
    durationMs: state === 'success' ? 1500 : null,
    input: undefined,
    output: undefined,
    reason: null,
    error: null,
    at: null,
    restored: false,
    decision: null,
    pokes: null,
    waiting: null,
    instances: null,
  }))
  return {
    dag: 'shop',
    description: '',
    runId: 'r',
    trigger: 'manual',
    mode: null,
    state: 'running',
    logicalDate: null,
    intervalStart: null,
    intervalEnd: null,
    params: {},
    start: 0,
    end: null,
    tasks,
    billedSteps: 0,
    execution: 'e',
    revision: null,
    error: null,
    at: null,
  }
}

const story = [
  run({ load: 'running', sum: 'none' }),
  run({ load: 'running', sum: 'none' }),
  run({ load: 'success', sum: 'running' }),
  run({ load: 'success', sum: 'success' }),
]

/** Tells the story and gives back the lines that stand there at its end. */
function tell(live: boolean): string[] {
  const screen: string[] = []
  const output: Output = {
    out: () => {},
    note: (line) => screen.push(line),
    draw: (part) => {
      const up =
        part.startsWith('\u001B[') && part.endsWith('A\u001B[0J') ? Number.parseInt(part.slice(2), 10) : null
      if (up !== null) screen.splice(screen.length - up)
      else screen.push(...stripVTControlCharacters(part).trimEnd().split('\n'))
    },
    bytes: () => {},
    terminal: false,
    live,
    width: 60,
  }
  const view = liveTasks(output)
  for (const moment of story) view.update(moment)
  view.end()
  return screen
}

describe('tasks while they run', () => {
  test('plain: one line per change', () => {
    expect(tell(false)).toEqual([
      '  ● load  running, try 1',
      '  ✓ load  success, 1.5 s',
      '  ● sum   running, try 1',
      '  ✓ sum   success, 1.5 s',
    ])
  })

  test('on a terminal: finished tasks stay, the rest is redrawn, nothing of it is left at the end', () => {
    expect(tell(true)).toEqual(['  ✓ load  success, 1.5 s', '  ✓ sum   success, 1.5 s'])
  })
})
