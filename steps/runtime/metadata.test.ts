import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asciiJson, escapeText, OUTPUT_LIMIT, shortReason, shortText, splitOutput } from './metadata.ts'

const seed = Number(process.env.FAST_CHECK_SEED ?? 20_260_309)
const pointer = (field: string) => ({
  $output: `gs://data/${'x'.repeat(120)}`,
  $generation: '0'.repeat(20),
  $path: [field],
})

describe('metadata', () => {
  it(`holds any output that splits, within its limit and whole together (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1, maxLength: 10 }),
          fc.string({ unit: 'grapheme', maxLength: 3000 }),
          { maxKeys: 12 },
        ),
        (output) => {
          const { kept, moved } = splitOutput(output, pointer)
          const pointers = Object.keys(moved).map((field) => [field, pointer(field)])
          const text = asciiJson({ ...kept, ...Object.fromEntries(pointers) })
          expect(text.length).toBeLessThanOrEqual(OUTPUT_LIMIT)
          expect(text).toMatch(/^[\x20-\x7e]*$/)
          expect({ ...kept, ...moved }).toEqual(output)
          // Nothing moves without need.
          expect(Object.keys(moved).length > 0).toBe(asciiJson(output).length > OUTPUT_LIMIT)
        },
      ),
      { seed, numRuns: 200 },
    )
  })

  it('moves the largest field first, and only as many as it takes', () => {
    const output = { a: 'a'.repeat(3000), b: 'b'.repeat(5000), c: 'c'.repeat(100) }
    expect(Object.keys(splitOutput(output, pointer).moved)).toEqual(['b'])
  })

  it(`cuts text without breaking an escape (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 1500 }), (text) => {
        const short = shortText(text)
        expect(short.length).toBeLessThanOrEqual(1000)
        expect(short).toMatch(/^[\x20-\x7e]*$/)
        expect(escapeText(text).startsWith(short)).toBe(true)
      }),
      { seed, numRuns: 200 },
    )
    expect(shortText(`${'x'.repeat(995)}é`)).toBe('x'.repeat(995))
    expect(shortText('two\nlines')).toBe(String.raw`two\nlines`)
  })

  it('cuts a reason to 1,000 bytes, which fewer characters may take', () => {
    expect(shortReason('x'.repeat(1500))).toBe('x'.repeat(1000))
    expect(shortReason('漢'.repeat(1500))).toBe('漢'.repeat(333))
    expect(shortReason(`${'x'.repeat(999)}é`)).toBe('x'.repeat(999))
    expect(shortReason('two\nlines')).toBe('two\nlines')
  })
})
