import { z } from '../dsl/index.ts'
import type { TaskDefinition } from '../dsl/index.ts'
import { fields } from '../dsl/schema.ts'
import type { Outcome } from './outcome.ts'

/** An answer that its task could not have got. */
export class UnfitAnswer extends Error {
  override readonly name = 'UnfitAnswer'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** What an answer means for a task; `what` names it in messages. @throws UnfitAnswer */
export function readAnswer(task: TaskDefinition, given: unknown, what: string): Outcome {
  const answer = mapOf(given, what)
  const own = task.kind === 'step' ? Object.keys(fields(task.contract.output)) : []
  const keys = Object.keys(answer)
  const wrapper = keys.length === 1 && !own.includes(keys[0] ?? '') ? keys[0] : undefined
  if (wrapper === 'error') return errorOf(answer['error'], what)
  if (wrapper === 'skip') return skipOf(task, answer['skip'], what)
  return answerOf(task, wrapper === 'output' ? mapOf(answer['output'], what) : answer, what)
}

function mapOf(given: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given))
    return given as Record<string, unknown>
  throw new UnfitAnswer(
    `the ${what} is ${JSON.stringify(given) ?? typeof given}, which is no answer`,
    'an answer is a map: an output, { skip: reason } or { error: { code, message, retryable } }',
  )
}

const errorSchema = z.strictObject({
  code: z.union([z.string().min(1), z.number().int()]),
  message: z.string().optional(),
  retryable: z.boolean().optional(),
})

function errorOf(given: unknown, what: string): Outcome {
  const { code, message, retryable } = parse(errorSchema, given, `the error in the ${what}`)
  return {
    kind: 'error',
    code,
    message: message ?? `the ${what} says so`,
    retryable: retryable ?? null,
  }
}

function skipOf(task: TaskDefinition, given: unknown, what: string): Outcome {
  if (task.kind !== 'step') {
    throw new UnfitAnswer(
      `the ${what} skips, and a task of kind ${task.kind} does not skip itself`,
      'only a step says that it has nothing to do',
    )
  }
  return { kind: 'skip', reason: parse(z.string().min(1), given, `the reason in the ${what}`) }
}

const answers = {
  model: z.strictObject({}),
  http: z.strictObject({
    status: z.number().int().min(100).max(599).default(200),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.unknown(),
  }),
  look: z.strictObject({ ready: z.boolean() }),
  approval: z.strictObject({
    approved: z.boolean(),
    by: z.string().default('simulation@example.com'),
    note: z.string().default(''),
  }),
  trigger: z.strictObject({ state: z.enum(['success', 'failed']).default('success') }),
} as const

function answerOf(task: TaskDefinition, given: Readonly<Record<string, unknown>>, what: string): Outcome {
  return { kind: 'answer', answer: checked(task, given, what) }
}

function checked(
  task: TaskDefinition,
  given: Readonly<Record<string, unknown>>,
  what: string,
): Readonly<Record<string, unknown>> {
  switch (task.kind) {
    case 'step':
      parse(task.contract.output, given, `the ${what}, which step ${task.contract.name} does not promise,`)
      return given
    case 'model':
      return parse(answers.model, given, `the ${what}`)
    case 'http': {
      const response = parse(answers.http, given, `the ${what}`)
      if (response.status < 400) parse(task.output, response, `the ${what}`)
      return response
    }
    case 'sensor':
      return task.condition.kind === 'http'
        ? parse(answers.http, given, `the ${what}`)
        : parse(answers.look, given, `the ${what}`)
    case 'approval':
      return parse(answers.approval, given, `the ${what}`)
    case 'trigger':
      return parse(answers.trigger, given, `the ${what}`)
    case 'branch':
    case 'short_circuit':
    case 'empty':
      throw new UnfitAnswer(`the ${what} answers for a task that asks nobody`, 'drop it')
  }
}

function parse<T>(schema: z.ZodType<T>, given: unknown, what: string): T {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new UnfitAnswer(
    `${what} does not fit:\n${z.prettifyError(parsed.error)}`,
    'give what the task could get',
  )
}
