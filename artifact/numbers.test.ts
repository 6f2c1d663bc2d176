import { expect, it } from 'vitest'
import { withCommas } from './numbers.ts'

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [-1234, '-1,234'],
  [131_072, '131,072'],
  [1_048_576, '1,048,576'],
  [1234.56, '1,234.6'],
  [0.05, '0.1'],
  [30.4375, '30.4'],
  [2.949_999_999_999_999_7, '3'],
])('%d is written %s', (amount, text) => {
  expect(withCommas(amount)).toBe(text)
})
