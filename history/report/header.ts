import type { RunView } from '../run-view.ts'
import { duration, instant, plural } from './format.ts'
import { html, type Html } from './html.ts'
import { modeWords, runLook } from './state.ts'

/** The run in one glance: which, how it went, when, how long. */
export function headerHtml(run: RunView): Html {
  const look = runLook[run.state]
  return html`<header>
    <div class="title">
      <h1>${run.dag}</h1>
      <span class="pill ${look.tone}"><span aria-hidden="true">${look.glyph}</span> ${look.word}</span>
    </div>
    <p class="lead">${run.description}</p>
    ${run.mode === null ? null : html`<p class="lead">This execution is ${modeWords[run.mode]}.</p>`}
    <dl class="facts">
      ${fact('Logical date', run.logicalDate === null ? '–' : localTime(run.logicalDate))}
      ${fact('Duration', run.start === null || run.end === null ? '–' : duration(run.end - run.start))}
      ${fact('Tasks', summary(run))}
      ${fact('Billed steps', String(run.billedSteps), 'Workflow steps in the execution history, without polls')}
      ${fact('Started', instant(run.start))} ${fact('Trigger', run.trigger)}
    </dl>
    ${failure(run)} ${waiting(run)}
  </header>`
}

/** Facts that matter when something has to be found again. */
export function aboutHtml(run: RunView): Html {
  const params = Object.entries(run.params)
  return html`<dl class="about">
    ${fact('Run id', html`<code>${run.runId}</code>`)}
    ${
      run.intervalStart === null || run.intervalEnd === null
        ? null
        : fact('Data interval', `${localTime(run.intervalStart)} to ${localTime(run.intervalEnd)}`)
    }
    ${params.map(([name, value]) => fact(`Param ${name}`, html`<code>${JSON.stringify(value)}</code>`))}
    ${fact('Execution', html`<code>${run.execution}</code>`)}
    ${run.revision === null ? null : fact('Workflow revision', html`<code>${run.revision}</code>`)}
    ${run.at === null ? null : fact('Declared at', html`<code>${run.at}</code>`)}
  </dl>`
}

function failure(run: RunView): Html | null {
  const failed = run.tasks.filter((task) => task.error !== null)
  if (failed.length === 0) {
    return run.error === null ? null : html`<div class="failure"><p>${run.error.message}</p></div>`
  }
  return html`<div class="failure" role="alert">
    ${failed.map(
      (task) =>
        html`<p>
          <a href="#task-${task.id}"><code>${task.id}</code></a> failed${tried(task.tries.length)}:
          ${task.error?.message}${task.at === null ? null : html` <span class="at"><code>${task.at}</code></span>`}
        </p>`,
    )}
  </div>`
}

/** What only a person can do. */
function waiting(run: RunView): Html | null {
  const open = run.tasks.filter((task) => task.waiting !== null)
  if (open.length === 0) return null
  return html`<div class="failure" role="status">
    ${open.map(
      (task) =>
        html`<p>
          <a href="#task-${task.id}"><code>${task.id}</code></a> waits for an
          answer${task.waiting?.message ? `: ${task.waiting.message}` : ''}
          <code>${task.waiting?.command}</code>
        </p>`,
    )}
  </div>`
}

function tried(tries: number): string {
  return tries > 1 ? ` after ${tries} tries` : ''
}

function summary(run: RunView): string {
  const good = run.tasks.filter((task) => task.state === 'success').length
  return good === run.tasks.length
    ? `${plural(good, 'task')}, all succeeded`
    : `${good} of ${run.tasks.length} succeeded`
}

function fact(name: string, value: Html | string, title?: string): Html {
  return html`<div ${title === undefined ? null : html`title="${title}"`}>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}

/** `2026-03-09T06:00:00-03:00` as `2026-03-09 06:00 −03:00`: the DAG's own time, never the reader's. */
function localTime(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (match === null) return text
  const [, date, time, offset] = match
  return `${date} ${time} ${offset === 'Z' ? 'UTC' : offset?.replace('-', '−')}`
}
