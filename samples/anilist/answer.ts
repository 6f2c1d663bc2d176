import { GraphQLError } from 'graphql'
import { readQuestion } from './selection.ts'
import type { Question } from './selection.ts'
import type { Source } from './source.ts'
import { encodeWire } from './wire.ts'

/** What the service sends back. */
export interface Answer {
  readonly status: number
  readonly body: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
}

const MOST_COMPLEX = 500

/** A body of errors as the API writes it: the field that failed is null. */
export function errorAnswer(status: number, message: string, field?: string): Answer {
  const errors = [{ message, status, locations: [{ line: 2, column: 3 }] }]
  return { status, body: encodeWire({ errors, data: field ? { [field]: null } : null }) }
}

export interface AnswerOptions {
  source: Source
  date: string
  /** Names of profiles that exist and may not be read. */
  privateUsers: readonly string[]
}

/** Answers one request body. */
export function answerTo(body: string, options: AnswerOptions): Answer & { readonly question?: Question } {
  const { source, date, privateUsers } = options
  let question: Question
  try {
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
    question = readQuestion(query, variables ?? {}, 'POINT_10_DECIMAL')
    if (question.complexity > MOST_COMPLEX) {
      const message = `Max query complexity should be ${MOST_COMPLEX} but got ${question.complexity}.`
      return { ...errorAnswer(400, message), question }
    }
    const { field, args } = question
    if (field === 'Page') return { status: 200, body: source.answer(question, date), question }
    const name = field === 'User' ? args.name : args.userName
    const id = field === 'User' ? args.id : args.userId
    if (field === 'MediaListCollection' && args.type === undefined) {
      return { ...errorAnswer(400, 'The type field is required.', field), question }
    }
    const same = (other: string) => typeof name === 'string' && other.toLowerCase() === name.toLowerCase()
    if (privateUsers.some(same)) return { ...errorAnswer(404, 'Private User', field), question }
    if (!same(source.userName) && id !== source.userId) {
      return { ...errorAnswer(404, 'User not found', field), question }
    }
    return { status: 200, body: source.answer(question, date), question }
  } catch (error) {
    if (error instanceof GraphQLError || error instanceof SyntaxError) return errorAnswer(400, error.message)
    throw error
  }
}
