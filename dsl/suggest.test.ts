import { expect, it } from 'vitest'
import { closest, didYouMean } from './suggest.ts'

it.each([
  ['retry', 'retries'],
  ['retires', 'retries'],
  ['timeOut', 'timeout'],
  ['retry_delay', 'retryDelay'],
  ['afterr', 'after'],
  ['colour', null],
])('%s most likely means %s', (word, meant) => {
  expect(closest(word, ['retries', 'retryDelay', 'timeout', 'after'])).toBe(meant)
})

it('lists what is known where nothing is near', () => {
  expect(didYouMean('x', ['retries', 'after'], 'options')).toBe('known options: retries, after')
  expect(didYouMean('x', [], 'fields')).toBe('there are no fields here')
})
