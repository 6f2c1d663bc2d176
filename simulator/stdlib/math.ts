import { valueError } from '../engine/errors.ts'
import { fitsInteger } from '../engine/numbers.ts'
import { param, plain } from './function.ts'
import type { RuntimeValue } from '../engine/value.ts'

const TWO = [param('x', 'integer', 'double'), param('y', 'integer', 'double')] as const

/** https://cloud.google.com/workflows/docs/reference/stdlib/math/abs */
export const math = {
  'math.abs': plain([param('x', 'integer', 'double')], ([x]) => {
    if (typeof x === 'number') return Math.abs(x)
    const result = x < 0n ? -x : x
    if (!fitsInteger(result)) throw valueError('math.abs: the result does not fit into 64 bits')
    return result
  }),
  'math.floor': plain([param('x', 'integer', 'double')], ([x], { readings }): RuntimeValue => {
    if (typeof x === 'bigint') return x
    const floor = Math.floor(x)
    if (readings.floorType === 'double') return floor
    if (!Number.isFinite(floor) || !fitsInteger(BigInt(floor))) {
      throw valueError('math.floor: the result does not fit into 64 bits')
    }
    return BigInt(floor)
  }),
  'math.max': plain(TWO, ([x, y]) => sameKind(x, y, x >= y ? x : y)),
  'math.min': plain(TWO, ([x, y]) => sameKind(x, y, x <= y ? x : y)),
}

/** An integer compared with a double gives a double. */
function sameKind(x: bigint | number, y: bigint | number, result: bigint | number): bigint | number {
  return typeof x === typeof y ? result : Number(result)
}
