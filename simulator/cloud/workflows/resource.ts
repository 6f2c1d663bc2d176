import { fieldError } from '../errors.ts'
import { createMessageReader, type Message } from '../messages.ts'
import { projectNumber } from '../names.ts'

/** https://cloud.google.com/workflows/docs/reference/rest/v1/projects.locations.workflows#Workflow */
export interface Workflow extends WorkflowInput {
  readonly name: string
  readonly state: 'ACTIVE'
  readonly revisionId: string
  readonly createTime: string
  readonly updateTime: string
  readonly revisionCreateTime: string
}

/** What a client sets. */
export interface WorkflowInput {
  readonly description?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly serviceAccount?: string
  readonly sourceContents?: string
  readonly cryptoKeyName?: string
  readonly callLogLevel?: string
  readonly userEnvVars?: Readonly<Record<string, string>>
  readonly executionHistoryLevel?: string
}

const settable = [
  'description',
  'labels',
  'serviceAccount',
  'sourceContents',
  'cryptoKeyName',
  'callLogLevel',
  'userEnvVars',
  'executionHistoryLevel',
] as const satisfies readonly (keyof WorkflowInput)[]

/** A change of these makes a new revision. */
const revisioned = ['sourceContents', 'serviceAccount', 'userEnvVars'] as const

const messages = createMessageReader('@google-cloud/workflows')

/** Reads a Workflow message; throws `ApiError` 400 for what the service refuses. */
export function readWorkflow(body: unknown): WorkflowInput {
  const message = messages.read('google.cloud.workflows.v1.Workflow', body, 'workflow')
  const input = pick(message, settable)
  check(input)
  return input
}

/** What a patch leaves: the fields of the mask come from `input` (absent ones are cleared), the others stay. */
export function applyPatch(current: Workflow, input: WorkflowInput, mask: string): WorkflowInput {
  const names = maskFields(mask)
  const kept = settable.filter((name) => !names.includes(name))
  return { ...pick(current, kept), ...pick(input, names) }
}

export function needsRevision(before: WorkflowInput, after: WorkflowInput): boolean {
  return revisioned.some((name) => canonical(before[name]) !== canonical(after[name]))
}

/** `000001-a4d` */
export function nextRevisionId(previous: string | null, hex: string): string {
  const ordinal = previous === null ? 1 : Number.parseInt(previous, 10) + 1
  return `${String(ordinal).padStart(6, '0')}-${hex}`
}

/** The full name: a bare email and the project `-` are filled in, no account is the project's default one. */
export function serviceAccountName(given: string | undefined, project: string): string {
  const standard = `${projectNumber(project)}-compute@developer.gserviceaccount.com`
  const account = given === undefined || given === '' ? standard : given
  if (!account.includes('/')) return `projects/${project}/serviceAccounts/${account}`
  return account.replace(/^projects\/-\//, `projects/${project}/`)
}

/** 1 to 64 letters, digits, `_` and `-`; starts with a letter, ends with a letter or digit. */
export function checkWorkflowId(id: string): void {
  if (!/^[A-Za-z]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$/.test(id)) {
    throw fieldError(
      'workflow_id',
      `The workflow ID "${id}" is invalid: it must be 1 to 64 letters, digits, underscores or hyphens, ` +
        'start with a letter and end with a letter or digit.',
    )
  }
}

/** Limits of labels, which workflows and executions share; `field` names them in a refusal. */
export function checkLabels(labels: Readonly<Record<string, string>>, field: string): void {
  const entries = Object.entries(labels)
  if (entries.length > 64) throw fieldError(field, 'A resource can have at most 64 labels.')
  for (const [key, value] of entries) {
    if (!/^\p{Ll}[\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key)) {
      throw fieldError(field, `Invalid label key: "${key}"`)
    }
    if (!/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value)) {
      throw fieldError(field, `Invalid value of label "${key}": "${value}"`)
    }
  }
}

/** https://cloud.google.com/workflows/docs/reference/rest/v1/projects.locations.workflows#Workflow */
function check(input: WorkflowInput): void {
  if (Array.from(input.description ?? '').length > 1000) {
    throw fieldError('workflow.description', 'The description is longer than 1000 characters.')
  }
  checkLabels(input.labels ?? {}, 'workflow.labels')
  const environment = Object.entries(input.userEnvVars ?? {})
  const field = 'workflow.user_env_vars'
  if (environment.length > 20) {
    throw fieldError(field, 'A workflow can have at most 20 user environment variables.')
  }
  for (const [key, value] of environment) {
    if (key === '' || /^(GOOGLE|WORKFLOWS)/.test(key)) {
      throw fieldError(field, `Invalid name of a user environment variable: "${key.slice(0, 60)}"`)
    }
    if (Buffer.byteLength(key) > 4096 || Buffer.byteLength(value) > 4096) {
      throw fieldError(field, `The user environment variable "${key.slice(0, 60)}" is longer than 4 KiB.`)
    }
  }
}

/** `sourceContents,userEnvVars` or `source_contents,user_env_vars`; no mask or `*` means the whole workflow. */
function maskFields(mask: string): readonly (keyof WorkflowInput)[] {
  if (mask === '' || mask === '*') return settable
  return mask.split(',').map((given) => {
    const name = given.trim().replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
    const field = settable.find((one) => one === name || name.startsWith(`${one}.`))
    if (field === undefined) throw fieldError('update_mask', `Invalid field in the update mask: "${given}"`)
    return field
  })
}

function pick(from: Message | WorkflowInput, names: readonly (keyof WorkflowInput)[]): WorkflowInput {
  const source = from as Message
  return Object.fromEntries(
    names.filter((name) => source[name] !== undefined).map((name) => [name, source[name]]),
  )
}

function canonical(value: string | Readonly<Record<string, string>> | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return JSON.stringify(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
}
