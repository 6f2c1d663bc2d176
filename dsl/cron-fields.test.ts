import { expect, it } from 'vitest'
import { cronSets, longestGapDays } from './cron-fields.ts'

it.each([
  ['*/15 8-18/5 1,15-16 jan,MAR mon-fri', [0, 15, 30, 45], [8, 13, 18], [1, 15, 16], [1, 3], [1, 2, 3, 4, 5]],
  ['5 0 * 12 7', [5], [0], null, [12], [0]],
  ['5,5 0 */10 12 5-7', [5], [0], [1, 11, 21, 31], [12], [0, 5, 6]],
])('reads %s', (cron, minutes, hours, days, months, weekdays) => {
  expect(cronSets(cron)).toMatchObject({ minutes, hours, days, months, weekdays })
})

it.each([
  ['0 6 * * *', true],
  ['30 2 1 * mon', true],
  ['0 */24 * * *', false],
  ['0,30 6 * * *', false],
  ['0 6-7 * * *', false],
])('%s has a fixed time: %s', (cron, fixed) => {
  expect(cronSets(cron).fixedTime).toBe(fixed)
})

it.each([
  ['0 6 * * *', 2],
  ['0 6 * * mon', 8],
  ['0 6 * * mon-fri', 4],
  ['0 6 1 * *', 32],
  ['0 6 31 * *', 62],
  ['0 6 29 2 *', 8 * 365 + 2],
  ['0 6 31 1 mon', 343],
])('%s leaves at most %i days between ticks', (cron, days) => {
  expect(longestGapDays(cronSets(cron))).toBe(days)
})
