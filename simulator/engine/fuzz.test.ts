import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { fate } from './testing/fuzz-fate.ts'
import { fuzzInput, readCorpus } from './testing/fuzz-inputs.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_250_204)
const RUNS = 800

/** A short run of what `npm run test:fuzz` does for as long as it is told to. */
test(`random inputs end, one way or the other (FUZZ_SEED=${SEED})`, async () => {
  const corpus = readCorpus(resolve(import.meta.dirname, '../..'))
  const fates = new Map<string, number>()
  for (let turn = 0; turn < RUNS; turn += 1) {
    const input = fuzzInput(corpus, SEED, turn)
    const result = await fate(input).catch((error: unknown) => {
      throw new Error(`seed ${SEED}, turn ${turn}:\n${input.source}`, { cause: error })
    })
    fates.set(result, (fates.get(result) ?? 0) + 1)
  }
  for (const result of ['does not parse', 'ran, though refused', 'SUCCEEDED', 'FAILED']) {
    expect(fates.get(result), result).toBeGreaterThan(RUNS / 100)
  }
})
