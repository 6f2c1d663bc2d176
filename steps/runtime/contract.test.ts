import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineContract } from './contract.ts'
import type { StepInput, StepOutput, StepParsedInput } from './contract.ts'

const shape = { input: z.object({ who: z.string().default('you') }), output: z.object({ text: z.string() }) }

describe('defineContract', () => {
  it('gives frozen data with the defaults filled in', () => {
    const contract = defineContract({ name: 'example/greet', image: 'steps', ...shape })
    expect(contract).toMatchObject({
      kind: 'step_contract',
      name: 'example/greet',
      idempotency: 'idempotent',
      timeoutSeconds: 600,
      resources: { cpu: '1', memory: '512Mi' },
      env: [],
      secrets: {},
    })
    expect(Object.isFrozen(contract)).toBe(true)
    expect(Object.isFrozen(contract.resources)).toBe(true)
    expectTypeOf<StepInput<typeof contract>>().toEqualTypeOf<{ who?: string | undefined }>()
    expectTypeOf<StepParsedInput<typeof contract>>().toEqualTypeOf<{ who: string }>()
    expectTypeOf<StepOutput<typeof contract>>().toEqualTypeOf<{ text: string }>()
    expectTypeOf(contract.name).toEqualTypeOf<'example/greet'>()
  })

  it.each([
    ['45s', 45],
    ['10m', 600],
    ['2h', 7200],
  ])('reads the timeout %s as %d seconds', (timeout, seconds) => {
    expect(defineContract({ name: 'a/b', image: 'steps', ...shape, timeout }).timeoutSeconds).toBe(seconds)
  })

  it.each([
    [{ timeout: '10 minutes' }, /not a duration/],
    [{ timeout: '0s' }, /not a duration/],
    [{ name: 'FetchUser' }, /<source>\/<verb-noun>/],
    [{ resources: { cpu: '1', memory: '512MB' } }, /512Mi/],
    [{ input: z.string() as unknown as z.ZodObject }, /must be a z\.object/],
    [{ retries: 3 }, /Unrecognized key/],
  ])('refuses %o', (options, message) => {
    expect(() => defineContract({ name: 'a/b', image: 'steps', ...shape, ...options })).toThrow(message)
  })
})
