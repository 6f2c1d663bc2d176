import type { CloudRequest, CloudResponse } from '../../simulator/cloud/request.ts'

export function jsonAnswer(json: unknown, status = 200): CloudResponse {
  return { status, body: { json } }
}

/** A refusal in the form of Google's APIs. */
export function errorAnswer(status: number, reason: string, message: string): CloudResponse {
  return jsonAnswer(
    { error: { code: status, message, status: reason, errors: [{ reason, message }] } },
    status,
  )
}

export function readBody({ body }: CloudRequest): unknown {
  return body.length === 0 ? {} : JSON.parse(new TextDecoder().decode(body))
}
