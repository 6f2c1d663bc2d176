import type { StepContext } from '../step.ts'
import type { EnvironmentVariables } from '../environment.ts'
import { StepError } from '../error.ts'
import type { HttpExchange } from '../http.ts'
import { defineStep } from '../step.ts'
import { hookVariablePrefix, notifyContract } from './contract.ts'

/** Waits before the second and the third attempt, in milliseconds. */
const waits = [1_000, 4_000]

/** The built-in step, with the variables that its job has. */
export function notifyStep(env: EnvironmentVariables) {
  const variables = Object.keys(env).filter((name) => name.startsWith(hookVariablePrefix))
  return defineStep(notifyContract(variables), async ({ variable, body }, context) => {
    const address = addressIn(variable, context)
    const { send } = context.http({ perMinute: 600, timeoutMs: 15_000 })
    const text = JSON.stringify(body)
    const post = () =>
      send(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text })
    for (let attempt = 0; ; attempt++) {
      const answer = await post().catch((error: unknown) => unreachable(error, context))
      if (answer !== null && answer.status < 300) return { status: answer.status }
      const wait = waits[attempt]
      if (wait === undefined || !canPass(answer)) throw refused(variable, answer)
      await context.sleep(wait)
    }
  })
}

function addressIn(variable: string, { env }: StepContext): string {
  const address = env[variable]?.trim() ?? ''
  if (/^https?:\/\//.test(address) && URL.canParse(address)) return address
  // The value may be a secret even where it is none of an address: it is not repeated.
  const message = `variable ${variable} holds no address: its secret is one such as https://chat.example.com/hook`
  throw new StepError({ code: 'no_address', message, retryable: false })
}

/** The error of a request names its host, which is part of the secret; only its kind is kept. */
function unreachable(_error: unknown, { signal }: StepContext): null {
  signal.throwIfAborted()
  return null
}

function canPass(answer: HttpExchange | null): boolean {
  return answer === null || answer.status === 429 || answer.status >= 500
}

function refused(variable: string, answer: HttpExchange | null): StepError {
  const what = answer === null ? 'could not be reached' : `answered ${answer.status}`
  return new StepError({
    code: answer === null ? 'unreachable' : `http_${answer.status}`,
    message: `the address in ${variable} ${what}`,
    retryable: false,
  })
}
