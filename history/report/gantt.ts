import type { RunView, TaskView, TryView } from '../run-view.ts'
import { duration, instant } from './format.ts'
import { html, type Html } from './html.ts'
import { taskLook } from './state.ts'

/** When each task ran: a pale bar for the whole task, one solid bar per try. */
export function ganttHtml(run: RunView): Html {
  const started = run.tasks.filter((task) => task.start !== null)
  if (started.length === 0) return html`<p class="empty">No task has started.</p>`
  const from = Math.min(...started.map((task) => task.start ?? Infinity), run.start ?? Infinity)
  const to = Math.max(...started.map((task) => task.end ?? task.start ?? 0), run.end ?? 0, from + 1)
  const span: Span = (start, end) => {
    const left = ((start - from) / (to - from)) * 100
    const width = ((end - start) / (to - from)) * 100
    return `left:${left.toFixed(3)}%;width:${width.toFixed(3)}%`
  }
  const ticks = ticksOf(to - from)
  return html`<div class="gantt" role="img" aria-label="When each task ran">
    <div class="gantt-head"></div>
    <div class="gantt-head">
      ${ticks.map((tick) => html`<span style="${span(from + tick, from + tick)}">${tickLabel(tick)}</span>`)}
    </div>
    ${started.map(
      (task) =>
        html`<a class="gantt-name" href="#task-${task.id}">${task.id}</a>
          <div class="gantt-row ${taskLook[task.state].tone}">
            ${ticks.map((tick) => html`<i style="${span(from + tick, from + tick)}"></i>`)}
            ${bars(task, span, to)}
          </div>`,
    )}
  </div>`
}

/** Position of a time span on the axis, as CSS. */
type Span = (start: number, end: number) => string

function bars(task: TaskView, span: Span, now: number): Html {
  const start = task.start ?? now
  const title = `${task.id}: ${taskLook[task.state].word}, ${duration(task.durationMs)}, from ${instant(start)}`
  return html`<b class="whole" style="${span(start, task.end ?? now)}" title="${title}"></b>${barsOf(
      task,
    ).map(({ attempt, index, name }) => {
      const took = attempt.end === null ? 'running' : duration(attempt.end - attempt.start)
      const error = attempt.error === null ? '' : `: ${attempt.error.message}`
      const words = `${name}, try ${index + 1}: ${attempt.state}, ${took}${error}`
      return html`<b
        class="try ${attempt.state}"
        style="${span(attempt.start, attempt.end ?? now)}"
        title="${words}"
      ></b>`
    })}`
}

interface Bar {
  readonly attempt: TryView
  readonly index: number
  readonly name: string
}

/** One bar per try; those of a mapped task's instances lie over each other. */
function barsOf({ id, tries, instances }: TaskView): Bar[] {
  const own = tries.map((attempt, index) => ({ attempt, index, name: id }))
  const mapped = (instances?.items ?? []).flatMap((item) =>
    item.tries.map((attempt, index) => ({ attempt, index, name: `${id} instance ${item.index}` })),
  )
  return [...own, ...mapped]
}

const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
  [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400].map(
    (value) => value * 1000,
  ),
)

/** Round offsets from the start, at most eight of them. */
function ticksOf(span: number): number[] {
  const step = steps.find((value) => span / value <= 8) ?? span / 8
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step).filter(
    (tick) => tick <= span * 0.97,
  )
}

function tickLabel(milliseconds: number): string {
  if (milliseconds === 0) return '0'
  if (milliseconds < 1000) return `${milliseconds} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')} min`
  return `${Math.floor(seconds / 3600)}:${String(Math.round((seconds % 3600) / 60)).padStart(2, '0')} h`
}
