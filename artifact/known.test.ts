import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { knownArgument, type Known, type KnownState } from './known.ts'

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20_260_309)

/** What a workflow reads out of the argument for one instance; docs/architecture.md, "Run argument". */
function stateAt({ known, instances = {} }: Known, task: string, index: number): KnownState | undefined {
  const own = instances[task]
  if (own !== undefined && index < own.count && !own.again.includes(index))
    return own.skipped.includes(index) ? 'skipped' : 'success'
  return known[`${task}/${index}`]
}

describe('knownArgument', () => {
  it(`says of every instance what it was told (seed ${seed})`, () => {
    const states = fc.dictionary(
      fc
        .tuple(fc.constantFrom('load', 'tell', 'plan'), fc.nat(12))
        .map(([task, index]) => `${task}/${index}`),
      fc.constantFrom<KnownState>('success', 'skipped', 'cancelled'),
    )
    fc.assert(
      fc.property(states, (told) => {
        const argument = knownArgument(told)
        for (const task of ['load', 'tell', 'plan'])
          for (let index = 0; index < 14; index += 1)
            expect(stateAt(argument, task, index)).toBe(told[`${task}/${index}`])
      }),
      { seed, numRuns: 300 },
    )
  })

  it('leaves what runs once, and what is known as a whole, as it is', () => {
    const told = { 'load/0': 'success', 'tell/0': 'skipped', pages: 'cancelled' } as const
    expect(knownArgument(told)).toEqual({ known: told })
    expect(knownArgument({ ...told, 'pages/1': 'success' })).toEqual({
      known: told,
      instances: { pages: { count: 2, again: [0], skipped: [] } },
    })
  })

  it('takes little of the 32 KB of an argument for a thousand instances', () => {
    const states = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`load/${index}`, 'success'] as const),
    )
    const most = Object.fromEntries(Object.entries(states).filter((_, index) => index % 2 === 1))
    expect(JSON.stringify(knownArgument(states)).length).toBeLessThan(100)
    expect(JSON.stringify(knownArgument(most)).length).toBeLessThan(2100)
  })
})
