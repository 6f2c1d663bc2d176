import { duration, instant } from '../history/report/format.ts'
import { modeWords, runLook, taskLook } from '../history/report/state.ts'
import { instanceWords, taskWords, tryCount } from '../history/report/task-words.ts'
import type { RunView, TaskView } from '../history/run-view.ts'
import { fitWidth } from './text-table.ts'

/** A run as text: its facts, then each task with what happened to it. */
export function runText(run: RunView, width: number): string {
  const look = runLook[run.state]
  const took = run.start === null || run.end === null ? '' : ` in ${duration(run.end - run.start)}`
  const facts: [string, string | null][] = [
    ['logical date', run.logicalDate],
    ['this is', run.mode === null ? null : modeWords[run.mode]],
    ['started', instant(run.start)],
    ['billed steps', String(run.billedSteps)],
    ['params', Object.keys(run.params).length === 0 ? null : JSON.stringify(run.params)],
    ['execution', run.execution],
  ]
  return [
    `${look.glyph} ${run.dag} ${run.runId}: ${look.word.toLowerCase()}${took}`,
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(12)}  ${value}`])),
    ...(run.error === null || run.tasks.some((task) => task.error !== null)
      ? []
      : [`  error         ${run.error.message}`]),
    ...run.tasks.flatMap((task) => ['', ...taskLines(task, width)]),
  ].join('\n')
}

function taskLines(task: TaskView, width: number): string[] {
  const look = taskLook[task.state]
  const number = tryCount(task)
  const tries = number === 1 ? '1 try' : `${number} tries`
  const head = [look.word, ...(number === 0 ? [] : [tries, duration(task.durationMs)])].join(', ')
  const detail = (name: string, value: string | null) =>
    value === null ? [] : [fitWidth(`    ${name.padEnd(8)}${value}`, Math.max(width, 60))]
  return [
    `${look.glyph} ${task.id}: ${head}`,
    ...detail('runs', `${task.kind} ${task.runs}`.trim()),
    ...detail('input', data(task.input)),
    ...detail('output', data(task.output)),
    ...taskWords(task).flatMap((words) => detail('note', words)),
    ...instanceLines(task, width),
    ...(task.tries.length < 2 ? [] : task.tries.map((_, index) => tryLine(task, index))),
    ...(task.error === null
      ? []
      : [`    error   ${task.error.code === null ? '' : `${task.error.code}: `}${task.error.message}`]),
    ...detail('at', task.error === null ? null : task.at),
  ]
}

/** Failed instances first; of many only so many. */
const mostInstances = 20

function instanceLines({ instances }: TaskView, width: number): string[] {
  const items = instances?.items ?? []
  const shown = items.slice(0, mostInstances)
  const more = items.length - shown.length
  return [
    ...shown.map((item) => fitWidth(`      ${instanceWords(item)}`, Math.max(width, 60))),
    ...(more > 0 ? [`      and ${more} more`] : []),
  ]
}

function tryLine(task: TaskView, index: number): string {
  const attempt = task.tries[index]
  if (attempt === undefined) return ''
  const took = attempt.end === null ? '' : `, ${duration(attempt.end - attempt.start)}`
  const error = attempt.error === null ? '' : `: ${attempt.error.message}`
  return `    try ${index + 1}   ${attempt.state}${took}${error}`
}

function data(value: unknown): string | null {
  if (value === undefined || value === null) return null
  const text = JSON.stringify(value)
  return text === '{}' ? null : text
}
