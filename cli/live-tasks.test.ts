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
  }))
  return {
    dag: 'shop',
    description: '',
    runId: 'r',
    trigger: 'manual',
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

function tell(live: boolean): string {
  let text = ''
  const output: Output = {
    out: () => {},
    note: (line) => (text += `${line}\n`),
    draw: (part) => (text += part),
    live,
    width: 60,
  }
  const view = liveTasks(output)
  for (const moment of story) view.update(moment)
  view.end()
  return text
}

describe('tasks while they run', () => {
  test('plain: one line per change', () => {
    expect(tell(false).trimEnd().split('\n')).toEqual([
      '  ● load  running, try 1',
      '  ✓ load  success, 1.5 s',
      '  ● sum   running, try 1',
      '  ✓ sum   success, 1.5 s',
    ])
  })

  test('on a terminal: finished tasks stay, the rest is redrawn, nothing is left at the end', () => {
    const screen: string[] = []
    for (const part of tell(true).split(/(?<=\n)|(?=\u001B\[\d+A\u001B\[0J)/)) {
      const up = /^\u001B\[(\d+)A\u001B\[0J/.exec(part)
      if (up !== null) screen.splice(screen.length - Number(up[1]))
      const rest = part.slice(up?.[0].length ?? 0)
      if (rest !== '') screen.push(rest.trimEnd())
    }
    expect(screen.map((line) => line.replaceAll(/\u001B\[\d+m/g, ''))).toEqual([
      '  ✓ load  success, 1.5 s',
      '  ✓ sum   success, 1.5 s',
    ])
  })
})
