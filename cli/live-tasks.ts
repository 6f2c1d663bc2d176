import { styleText } from 'node:util'
import type { RunView, TaskState, TaskView } from '../history/run-view.ts'
import { duration } from '../history/report/format.ts'
import { taskLook } from '../history/report/state.ts'
import type { Output } from './command.ts'

type Style = Parameters<typeof styleText>[0]

const styles: Readonly<Record<TaskState, Style>> = {
  success: 'green',
  failed: 'red',
  skipped: 'gray',
  upstream_failed: 'yellow',
  running: 'cyan',
  none: 'gray',
}

/** Shows a run's tasks while they run: redrawn on a terminal, one line per change otherwise. */
export interface LiveTasks {
  update(run: RunView): void
  /** Leaves the terminal as it is; nothing is redrawn after. */
  end(): void
}

/** The view that suits the output. */
export function liveTasks(output: Output): LiveTasks {
  return output.live ? redrawn() : plain(output)
}

function plain(output: Output): LiveTasks {
  const seen = new Map<string, string>()
  return {
    update(run) {
      for (const task of run.tasks) {
        const now = `${task.state} ${task.tries.length}`
        if (task.state === 'none' || seen.get(task.id) === now) continue
        seen.set(task.id, now)
        output.note(`  ${taskLine(task, run)}`)
      }
    },
    end() {},
  }
}

function redrawn(): LiveTasks {
  let lines = 0
  const clear = () => (lines === 0 ? '' : `\u001B[${lines}A\u001B[0J`)
  return {
    update(run) {
      const drawn = run.tasks.map((task) => `  ${coloured(task, run)}`)
      process.stderr.write(`${clear()}${drawn.join('\n')}\n`)
      lines = drawn.length
    },
    end() {
      lines = 0
    },
  }
}

function coloured(task: TaskView, run: RunView): string {
  const text = taskLine(task, run)
  return styleText(styles[task.state], text.slice(0, 1)) + text.slice(1)
}

function taskLine(task: TaskView, run: RunView): string {
  const width = Math.max(...run.tasks.map(({ id }) => id.length))
  const look = taskLook[task.state]
  const details = [
    look.word,
    ...(task.tries.length > 1 || (task.state === 'running' && task.tries.length > 0)
      ? [`try ${task.tries.length}`]
      : []),
    ...(task.durationMs === null || task.tries.length === 0 ? [] : [duration(task.durationMs)]),
    ...(task.reason === null ? [] : [task.reason]),
    ...(task.error === null ? [] : [task.error.message]),
  ]
  return `${look.glyph} ${task.id.padEnd(width)}  ${details.join(', ')}`
}
