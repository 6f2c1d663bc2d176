import { styleText } from 'node:util'
import { duration } from '../history/report/format.ts'
import { taskLook } from '../history/report/state.ts'
import { taskWords, tryCount } from '../history/report/task-words.ts'
import type { RunView, TaskState, TaskView } from '../history/run-view.ts'
import type { Output } from './command.ts'
import { fitWidth } from './text-table.ts'

/** Shows a run's tasks while they run. */
export interface LiveTasks {
  update(run: RunView): void
  /** Removes what only made sense while the run went on. */
  end(): void
}

/** The view that suits the output: redrawn on a terminal, one line per change otherwise. */
export function liveTasks(output: Output): LiveTasks {
  return output.live ? redrawn(output) : plain(output)
}

function plain(output: Output): LiveTasks {
  const seen = new Map<string, string>()
  return {
    update(run) {
      for (const task of run.tasks) {
        const now = [task.state, task.tries.length, task.tries.at(-1)?.state, task.waiting?.command].join(' ')
        if (task.state === 'none' || seen.get(task.id) === now) continue
        seen.set(task.id, now)
        output.note(`  ${taskLine(task, run)}`)
      }
    },
    end() {},
  }
}

/** Finished tasks stay as lines; below them those that run now and a count are drawn anew each time. */
function redrawn(output: Output): LiveTasks {
  const finished = new Set<string>()
  let drawn = 0
  const clear = () => {
    if (drawn > 0) output.draw(`\u001B[${drawn}A\u001B[0J`)
    drawn = 0
  }
  const line = (text: string) => fitWidth(text, output.width - 1)
  return {
    update(run) {
      clear()
      for (const task of run.tasks) {
        if (task.state === 'none' || task.state === 'running' || finished.has(task.id)) continue
        finished.add(task.id)
        output.draw(`${coloured(task.state, line(`  ${taskLine(task, run)}`))}\n`)
      }
      if (finished.size === run.tasks.length) return
      const running = run.tasks.filter((task) => task.state === 'running')
      const live = [
        ...running.map((task) => coloured(task.state, line(`  ${taskLine(task, run)}`))),
        line(`  ${finished.size} of ${run.tasks.length} tasks done`),
      ]
      output.draw(`${live.join('\n')}\n`)
      drawn = live.length
    },
    end: clear,
  }
}

type Style = Parameters<typeof styleText>[0]

const styles: Readonly<Record<TaskState, Style>> = {
  success: 'green',
  failed: 'red',
  skipped: 'gray',
  upstream_failed: 'yellow',
  cancelled: 'yellow',
  running: 'cyan',
  none: 'gray',
}

/** Colours the glyph, which stands behind two blanks. https://no-color.org */
function coloured(state: TaskState, line: string): string {
  if (process.env['NO_COLOR']) return line
  return `  ${styleText(styles[state], line.slice(2, 3))}${line.slice(3)}`
}

function taskLine(task: TaskView, run: RunView): string {
  const width = Math.max(...run.tasks.map(({ id }) => id.length))
  const look = taskLook[task.state]
  const tries = task.tries.length
  const last = task.tries.at(-1)
  const failed = task.state === 'running' && last?.state === 'failed' ? ` failed: ${last.error?.message}` : ''
  const details = [
    failed ? 'waiting' : look.word,
    tries > 1 || (task.state === 'running' && tries > 0) ? `try ${tries}${failed}` : null,
    task.durationMs === null || tryCount(task) === 0 ? null : duration(task.durationMs),
    ...taskWords(task),
    task.error?.message,
  ]
  return `${look.glyph} ${task.id.padEnd(width)}  ${details.filter(Boolean).join(', ')}`
}
