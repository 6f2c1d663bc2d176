import { valueError } from '../engine/errors.ts'
import { limitedText } from '../engine/operators.ts'
import { optional, param, plain } from './function.ts'

/** https://cloud.google.com/workflows/docs/reference/stdlib/base64/decode */
export const base64 = {
  'base64.decode': plain(
    [param('data', 'string'), optional(param('padding', 'boolean'), true)],
    ([data, padding]): Uint8Array => {
      const digits = data.replace(/=+$/, '')
      const expected = padding ? digits.padEnd(Math.ceil(digits.length / 4) * 4, '=') : digits
      if (data !== expected || digits.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(digits)) {
        throw valueError('base64.decode: illegal base64 data')
      }
      return new Uint8Array(Buffer.from(digits, 'base64'))
    },
  ),
  'base64.encode': plain(
    [param('data', 'bytes'), optional(param('padding', 'boolean'), true)],
    ([data, padding]) => {
      const text = Buffer.from(data).toString('base64')
      return limitedText(padding ? text : text.replace(/=+$/, ''))
    },
  ),
}
