import type { RunView, TaskView } from '../run-view.ts'
import { duration, plural } from './format.ts'
import { html, type Html } from './html.ts'
import { taskLook } from './state.ts'
import { instancesWords, instanceWords, taskWords, tryCount } from './task-words.ts'

/** One row per task; what went in and out folds open below it. */
export function tasksHtml(run: RunView): Html {
  return html`<table class="tasks">
    <thead>
      <tr>
        <th>Task</th>
        <th>State</th>
        <th class="num">Tries</th>
        <th class="num">Started</th>
        <th class="num">Duration</th>
        <th>Writes</th>
      </tr>
    </thead>
    <tbody>
      ${run.tasks.map((task) => rows(task, run))}
    </tbody>
  </table>`
}

function rows(task: TaskView, run: RunView): Html {
  const look = taskLook[task.state]
  const after = task.start === null || run.start === null ? null : task.start - run.start
  return html`<tr id="task-${task.id}" class="task ${look.tone}">
      <td>
        <code class="id">${task.id}</code>
        <span class="sub">${[task.kind, task.runs].filter((part) => part !== '').join(' ')}</span>
      </td>
      <td>
        <span class="state ${look.tone}"><span aria-hidden="true">${look.glyph}</span> ${look.word}</span>
        ${taskWords(task).map((words) => html`<span class="sub">${words}</span>`)}
      </td>
      <td class="num">${tryCount(task) || '–'}</td>
      <td class="num">${after === null ? '–' : `+${duration(after)}`}</td>
      <td class="num">${tryCount(task) === 0 ? '–' : duration(task.durationMs)}</td>
      <td>${task.writes.map((table) => html`<code class="table">${table}</code> `)}</td>
    </tr>
    <tr class="more">
      <td colspan="6">
        ${errorNote(task)}
        <div class="data">
          ${value('Input', task.input)}${value('Output', task.output)}${tries(task)}${instances(task)}
        </div>
      </td>
    </tr>`
}

function errorNote({ error, at }: TaskView): Html | null {
  if (error === null) return null
  return html`<p class="note bad">
    ${error.code === null ? null : html`<code>${error.code}</code> `}${error.message}
    ${at === null ? null : html`<span class="at">declared at <code>${at}</code></span>`}
  </p>`
}

function tries(task: TaskView): Html | null {
  if (task.tries.length < 2) return null
  const items = task.tries.map(({ start, end, state, error }) => {
    const took = end === null ? 'running' : duration(end - start)
    return html`<li>${state}, ${took}${error === null ? '' : `: ${error.message}`}</li>`
  })
  return html`<details>
    <summary><b>Tries</b> ${plural(task.tries.length, 'try').replace('trys', 'tries')}</summary>
    <ol>
      ${items}
    </ol>
  </details>`
}

function instances({ instances: mapped }: TaskView): Html | null {
  if (mapped === null || mapped.total === 0) return null
  return html`<details>
    <summary><b>Instances</b> ${instancesWords(mapped)}</summary>
    <ul>
      ${mapped.items.map((item) => html`<li class="${taskLook[item.state].tone}">${instanceWords(item)}</li>`)}
    </ul>
  </details>`
}

function value(title: string, data: unknown): Html | null {
  if (data === undefined || data === null || isEmpty(data)) return null
  const compact = JSON.stringify(data)
  return html`<details>
    <summary>
      <b>${title}</b> <code>${compact.length > 88 ? `${compact.slice(0, 87)}…` : compact}</code>
    </summary>
    <pre>${JSON.stringify(data, null, 2)}</pre>
  </details>`
}

function isEmpty(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.keys(data).length === 0
}
