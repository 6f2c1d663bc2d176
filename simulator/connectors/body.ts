import { TextDecoder } from 'node:util'
import { JsonError, parseJson } from '../engine/json.ts'
import type { RuntimeValue } from '../engine/value.ts'

/**
 * Decodes a response body by its content type: JSON, text, or bytes. JSON that does not parse is given as text.
 * https://cloud.google.com/workflows/docs/http-requests#access_http_response_data_saved_in_a_variable
 */
export function decodeBody(bytes: Uint8Array, contentType: string): RuntimeValue {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  const json = type === 'application/json' || type.endsWith('+json')
  if (!json && !type.startsWith('text/')) return bytes
  const charset = /charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  const text = decoderOf(charset).decode(bytes)
  if (!json) return text
  if (text.trim() === '') return null
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof JsonError) return text
    throw error
  }
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder()
  }
}
