import type { LocalProgram } from '../../simulator/cloud/run/images.ts'
import { readRun } from '../../steps/runtime/environment.ts'
import { StepError, StepSkip } from '../../steps/runtime/error.ts'
import { runStep } from '../../steps/runtime/run-step.ts'
import type { Warehouse } from '../../steps/runtime/warehouse.ts'
import { bucketsOf } from '../bucket.ts'
import type { MockScene } from '../mock-layer.ts'
import { endOf } from '../stage.ts'

/** Longer than any job may take: what sleeps so long is ended by its timeout. */
const FOR_EVER_MS = 366 * 86_400_000

/**
 * The container of every mocked step: the step protocol as the real runtime has it, with the mock as the handler. So
 * inputs are resolved and checked, and large outputs become pointers.
 */
export function stepProgram({ stage, dispatch }: MockScene): LocalProgram {
  return {
    run: async ({ env, now, sleep, signal, log }) => {
      const run = readRun(env)
      const task = stage.mocked(run.task)
      if (task?.kind !== 'step') throw new Error(`task ${run.task} has no mock`)
      const handler = async (input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> => {
        const attempt = await stage.attempt(task, run.mapIndex, run.try, input)
        const { outcome } = attempt
        await sleep(outcome.kind === 'time_out' ? FOR_EVER_MS : attempt.delayMs).catch((error: unknown) => {
          attempt.end('timed_out')
          throw error
        })
        attempt.end(endOf(outcome))
        if (outcome.kind === 'answer') return outcome.answer
        if (outcome.kind === 'skip') throw new StepSkip(outcome.reason)
        const { code, message, retryable } = outcome.kind === 'error' ? outcome : stopped
        throw new StepError({ code: String(code), message, retryable: retryable ?? false })
      }
      return runStep({ kind: 'step', contract: task.contract, handler }, env, {
        storage: bucketsOf(dispatch()),
        warehouse: noWarehouse,
        clock: { now, sleep },
        signal,
        fetch: () => Promise.reject(new Error('a mocked step asks nobody')),
        write: (line) => log('stdout', line.trimEnd()),
        graceMs: 0,
      })
    },
  }
}

/** A try that times out does not get here. */
const stopped = { code: 'interrupted', message: 'the step was told to stop', retryable: true } as const

const refuse = () => Promise.reject(new Error('a mocked step has no warehouse'))
const noWarehouse: Warehouse = { createTable: refuse, dropTable: refuse, load: refuse, execute: refuse }
