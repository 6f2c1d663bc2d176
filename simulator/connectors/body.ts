import { TextDecoder } from 'node:util'
import { JsonError, parseJson } from '../engine/json.ts'
import { valueError } from '../engine/errors.ts'
import type { Readings } from '../engine/readings.ts'
import type { RuntimeValue } from '../engine/value.ts'

/**
 * Decodes a response body by its content type: JSON, text, or bytes.
 * https://cloud.google.com/workflows/docs/http-requests#access_http_response_data_saved_in_a_variable
 */
export function decodeBody(
  bytes: Uint8Array,
  contentType: string,
  invalidJson: Readings['invalidJson'] = 'text',
): RuntimeValue {
  const json = isJson(contentType)
  if (!json && !mediaType(contentType).startsWith('text/')) return bytes
  const charset = /charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  const text = decoderOf(charset).decode(bytes)
  if (!json) return text
  if (text.trim() === '') return null
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    if (invalidJson === 'text') return text
    throw valueError(`the response is not JSON as its content type says: ${error.message}`)
  }
}

export function isJson(contentType: string): boolean {
  const type = mediaType(contentType)
  return type === 'application/json' || type.endsWith('+json')
}

function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder()
  }
}
