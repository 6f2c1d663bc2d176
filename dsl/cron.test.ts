import { describe, expect, it } from 'vitest'
import { cron } from './cron.ts'

describe('cron', () => {
  it.each([
    '* * * * *',
    '0 6 * * *',
    '*/15 0-6,22 1,15 * *',
    '5-55/10 * * jan-mar,DEC mon-fri',
    '0 0 * * 7',
    '59 23 31 12 0',
    '0 0 29 2 *',
    '0 0 31 2 mon',
  ])('takes %s', (expression) => {
    expect(cron(expression, 'America/Sao_Paulo')).toEqual({
      kind: 'schedule',
      cron: expression,
      timeZone: 'America/Sao_Paulo',
    })
  })

  it('writes fields with single spaces', () => {
    expect(cron('  0  6\t* * * ', 'Etc/UTC').cron).toBe('0 6 * * *')
  })

  it.each([
    ['@daily', 'is a nickname'],
    ['0 6 * *', 'has 4 fields'],
    ['0 0 6 * * *', 'has 6 fields'],
    ['60 6 * * *', '"60" as minute'],
    ['0 24 * * *', '"24" as hour'],
    ['0 6 0 * *', '"0" as day of month'],
    ['0 6 L * *', '"L" as day of month'],
    ['0 6 15W * *', '"15W" as day of month'],
    ['0 6 * 13 *', '"13" as month'],
    ['0 6 * * mon#1', '"mon#1" as day of week'],
    ['0 6 ? * *', '"?" as day of month'],
    ['0 6 * * 8', '"8" as day of week'],
    ['0 6 10-5 * *', '"10-5" as day of month'],
    ['*/0 6 * * *', '"*/0" as minute'],
    ['5/10 6 * * *', '"5/10" as minute'],
    ['1,,2 6 * * *', '"" as minute'],
    ['*-5 6 * * *', '"*-5" as minute'],
    ['mon 6 * * *', '"mon" as minute'],
    ['*/61 6 * * *', '"*/61" as minute'],
    ['0 6 * * 1-5/8', '"1-5/8" as day of week'],
    ['0 6 30 2 *', 'never ticks'],
    ['0 6 31 4,6,9,11 *', 'never ticks'],
  ])('refuses %s', (expression, message) => {
    expect(() => cron(expression, 'Etc/UTC')).toThrow(message)
    expect(() => cron(expression, 'Etc/UTC')).toThrow(expect.objectContaining({ code: 'DAG106' }))
  })

  it.each(['Brasilia', '+03:00', '', 'UTC+3'])('refuses time zone "%s"', (timeZone) => {
    expect(() => cron('0 6 * * *', timeZone)).toThrow(
      expect.objectContaining({
        code: 'DAG107',
        at: expect.objectContaining({ file: import.meta.filename }),
      }),
    )
  })
})
