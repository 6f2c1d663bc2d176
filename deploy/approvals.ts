import { z } from 'zod'
import type { Clients } from './clients.ts'
import { googleFailure, isNotFound } from './google-error.ts'
import { UserError } from './user-error.ts'

/** An approval task that says it waits: `<task>/<index>/approval.json` of its run. */
export interface Approval {
  readonly task: string
  readonly index: number
  /** What is to be decided. */
  readonly message: string
  /** The callback that takes the answer. */
  readonly url: string
}

export interface ApprovalAnswer {
  readonly approved: boolean
  readonly by: string
  readonly note: string
}

const waiting = z.looseObject({ url: z.url(), message: z.string() })
const callbacks = z.looseObject({
  callbacks: z
    .array(
      z.looseObject({
        name: z.string(),
        waiters: z.coerce.number().default(0),
        availablePayloads: z.array(z.unknown()).default([]),
      }),
    )
    .default([]),
})

/** The approvals of a run that wait for an answer now. `execution` is the full name of the run's execution. */
export async function waitingApprovals(
  clients: Clients,
  run: { readonly dag: string; readonly runId: string; readonly execution: string },
): Promise<readonly Approval[]> {
  const asked = await askedApprovals(clients, run)
  const open = await openCallbacks(clients, run.execution)
  // What an earlier execution of the run asked for stands there still; only its own callbacks take an answer.
  return asked.filter(({ url }) => open.has(callbackName(clients, url)))
}

/**
 * Answers an approval; its task goes on at once.
 *
 * @throws UserError where the service refuses the answer
 */
export async function answerApproval(
  clients: Clients,
  approval: Approval,
  answer: ApprovalAnswer,
): Promise<void> {
  const response = await send(clients, approval.url, { method: 'POST', body: JSON.stringify(answer) })
  if (response.ok) return
  const hints: Readonly<Record<number, string>> = {
    403: 'the account that answers needs the role roles/workflows.invoker',
    404: 'it was answered meanwhile, or its run has ended',
    429: 'somebody else has answered just now',
  }
  const hint = hints[response.status]
  throw new UserError(
    'DAG805',
    `the answer to task ${approval.task} was refused with status ${response.status}`,
    {
      place: `environment ${clients.environment.name}`,
      ...(hint === undefined ? {} : { hint }),
    },
  )
}

async function askedApprovals(
  clients: Clients,
  { dag, runId }: { readonly dag: string; readonly runId: string },
): Promise<readonly Approval[]> {
  const prefix = `runs/${dag}/${runId}/`
  const bucket = (await clients.storage()).bucket(clients.environment.bucket)
  try {
    const [files] = await bucket.getFiles({ prefix, matchGlob: `${prefix}*/*/approval.json` })
    return await Promise.all(
      files.map(async (file): Promise<Approval> => {
        const [task = '', index = '0'] = file.name.slice(prefix.length).split('/')
        const [content] = await file.download()
        const { url, message } = waiting.parse(JSON.parse(content.toString('utf8')))
        return { task, index: Number(index), message, url }
      }),
    )
  } catch (error) {
    if (isNotFound(error)) return []
    throw new UserError('DAG805', `cannot read what waits: ${googleFailure(error).message}`, {
      place: `gs://${clients.environment.bucket}/${prefix}`,
      cause: error,
    })
  }
}

/** Names of an execution's callbacks that a step waits at and that nobody has answered. */
async function openCallbacks(clients: Clients, execution: string): Promise<ReadonlySet<string>> {
  const response = await send(clients, `${clients.executionsUrl}/v1/${execution}/callbacks?pageSize=100`, {})
  if (!response.ok) return new Set()
  const answer = callbacks.parse(await response.json())
  const open = answer.callbacks.filter(
    ({ waiters, availablePayloads }) => waiters > 0 && availablePayloads.length === 0,
  )
  return new Set(open.map(({ name }) => name))
}

/**
 * The callback that an address stands for; empty for an address elsewhere. Objects of the bucket may be written by
 * others: no credentials go anywhere but to the executions API.
 */
function callbackName({ executionsUrl }: Clients, url: string): string {
  const root = `${executionsUrl.replace(/\/$/, '')}/v1/`
  const roots = [root, 'https://workflowexecutions.googleapis.com/v1/']
  return roots.some((known) => url.startsWith(known)) ? new URL(url).pathname.slice('/v1/'.length) : ''
}

async function send(clients: Clients, url: string, init: RequestInit): Promise<Response> {
  const token = await clients.token()
  const headers = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  return fetch(url, { ...init, headers }).catch((error: unknown) => {
    throw new UserError('DAG805', `cannot reach ${new URL(url).origin}`, { cause: error })
  })
}
