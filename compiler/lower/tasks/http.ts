import type { HttpTask } from '../../../dsl/index.ts'
import { fields } from '../../../dsl/schema.ts'
import { requiredFields, shapeValue } from '../answer-shape.ts'
import { keepResultStep } from '../keep-result.ts'
import { call, expr, list, map, returns, step, str } from '../language.ts'
import { lowerRequest, requestInput } from '../request.ts'
import type { Work } from '../routine.ts'

/** An HTTP task: one request per try, and what is kept of its answer. */
export function httpWork({ request, output, timeoutSeconds, idempotency }: HttpTask): Work {
  const { prepare, args } = lowerRequest(request, timeoutSeconds)
  const body = fields(output)['body'] ?? {}
  return {
    steps: [
      ...prepare,
      step('request', call('http.request', { args, result: 'response' })),
      step(
        'read_answer',
        call('answer_output', {
          args: {
            response: expr('response'),
            shape: shapeValue(body),
            required: list(requiredFields(body).map(str)),
          },
          result: 'output',
        }),
      ),
      keepResultStep(expr('output')),
      step(
        'succeeded',
        returns(map({ state: str('success'), tries: expr('run.try'), output: expr('output') })),
      ),
    ],
    hasInput: requestInput(request).length > 0,
    idempotent: idempotency === 'idempotent',
  }
}
