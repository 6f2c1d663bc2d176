import { invalid } from '../../../sql/problem.ts'
import { BIGNUMERIC_LIMIT, decimalText, parseDecimal } from '../types/numeric.ts'
import { BIGNUMERIC } from '../types/type.ts'
import { stringLiteral, typed, type Typed } from './typed.ts'

/** BIGNUMERIC values are kept as canonical text; only storing and converting them is supported. */
export function bignumericLiteral(text: string, at: number): Typed {
  const value = parseDecimal(text, 38)
  if (value === null || value >= BIGNUMERIC_LIMIT || value < -BIGNUMERIC_LIMIT)
    throw invalid(at, `Invalid BIGNUMERIC literal: ${text}`)
  return typed(stringLiteral(decimalText(value, 38)).sql, BIGNUMERIC)
}
