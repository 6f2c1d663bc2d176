import type { TaskDefinition } from '../../dsl/index.ts'
import type { StandIn } from '../../simulator/connectors/index.ts'
import type { MockScene } from '../mock-layer.ts'
import type { Outcome } from '../outcome.ts'
import { endOf } from '../stage.ts'

type Answer = NonNullable<Awaited<ReturnType<StandIn>>>

/** What HTTP services answer to the requests of mocked tasks. Other requests leave the process. */
export function httpStandIn({ stage, taskOf, clock }: MockScene): StandIn {
  return async ({ method, url, body }, from) => {
    const id = taskOf({ from })
    const task = id === null ? null : stage.mocked(id)
    if (task === null || !asksOverHttp(task)) return null
    const input = { method, url: url.href, body: textOf(body) }
    const attempt = await stage.attempt(task, 0, stage.nextTry(task.id, 0), input)
    const { outcome, delayMs } = attempt
    if (task.kind === 'sensor' && (outcome.kind === 'time_out' || stage.elapsed(task.id) < delayMs)) {
      attempt.end('not_ready', clock.now())
      return response(404, {}, notThere, 0)
    }
    const waits = task.kind === 'http' ? delayMs : 0
    const over = outcome.kind === 'time_out' ? task.timeoutSeconds * 1000 : waits
    attempt.end(endOf(outcome), clock.now() + over)
    return answerTo(outcome, waits)
  }
}

function asksOverHttp(task: TaskDefinition): boolean {
  return task.kind === 'http' || (task.kind === 'sensor' && task.condition.kind === 'http')
}

function answerTo(outcome: Outcome, afterMs: number): Answer {
  switch (outcome.kind) {
    case 'answer': {
      const { status, headers, body } = outcome.answer as {
        readonly status: number
        readonly headers: Readonly<Record<string, string>>
        readonly body: unknown
      }
      return response(status, headers, body, afterMs)
    }
    case 'error':
      if (typeof outcome.code !== 'number') return { afterMs, response: null }
      return response(outcome.code, {}, { error: { code: outcome.code, message: outcome.message } }, afterMs)
    case 'time_out':
      return { afterMs: Number.POSITIVE_INFINITY, response: null }
    case 'skip':
      return { afterMs, response: null }
  }
}

const notThere = { error: { code: 404, message: 'not there yet' } }

function response(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
  afterMs: number,
): Answer {
  const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body))
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  return { afterMs, response: { status, headers: { ...type, ...headers }, bytes } }
}

function textOf(body: Uint8Array | null): unknown {
  if (body === null || body.length === 0) return undefined
  const text = new TextDecoder().decode(body)
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
