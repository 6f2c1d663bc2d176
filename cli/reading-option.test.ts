import { expect, test } from 'vitest'
import type { Options } from './command.ts'
import { chosenReadings } from './reading-option.ts'

const options = (...reading: readonly string[]): Options => ({
  text: () => undefined,
  flag: () => false,
  list: (name) => (name === 'reading' ? reading : []),
})

test('--reading may be repeated', async () => {
  expect(await chosenReadings(options())).toEqual({})
  expect(await chosenReadings(options('missingPath=create', 'jobsRun=returns'))).toEqual({
    readings: { missingPath: 'create', jobsRun: 'returns' },
  })
})

test('an unknown name or value is refused with what there is', async () => {
  await expect(chosenReadings(options('missing=x'))).rejects.toThrow(/there are .*missingPath, /)
  await expect(chosenReadings(options('missingPath=x'))).rejects.toThrow('one of error, create')
})
