import { expect, test } from 'vitest'
import { googleFailure, isNotFound } from './google-error.ts'

const cases: [string, unknown, { status: number; message: string }][] = [
  [
    'REST: HTTP status and the raw body',
    Object.assign(new Error('{"error":{"code":404,"message":"no such job","status":"NOT_FOUND"}}'), {
      code: 404,
    }),
    { status: 404, message: 'no such job' },
  ],
  [
    'an operation: gRPC code',
    Object.assign(new Error('failed to build'), { code: 3 }),
    { status: 400, message: 'failed to build' },
  ],
  [
    'gRPC: not found',
    Object.assign(new Error('5 NOT_FOUND: x'), { code: 5 }),
    { status: 404, message: '5 NOT_FOUND: x' },
  ],
  [
    'BigQuery: a list of errors',
    Object.assign(new Error('x'), {
      code: 400,
      errors: [{ message: 'Syntax error' }, { message: 'Syntax error' }],
    }),
    { status: 400, message: 'Syntax error' },
  ],
  ['a code as text', Object.assign(new Error('x'), { code: '409' }), { status: 409, message: 'x' }],
  [
    'no server',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    { status: 0, message: 'connect ECONNREFUSED' },
  ],
  ['not even an error', 'text', { status: 0, message: 'text' }],
]

test.each(cases)('%s', (_, error, expected) => {
  expect(googleFailure(error)).toEqual(expected)
  expect(isNotFound(error)).toBe(expected.status === 404)
})
