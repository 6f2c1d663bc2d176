import { parentPort, workerData } from 'node:worker_threads'
import { fate } from './fuzz-fate.ts'
import { fuzzInput, readCorpus, type FuzzInput } from './fuzz-inputs.ts'

/** What fuzz-main.ts asks a worker for: turns until one fails, one input, or only the input of a turn. */
export type Request =
  | { readonly kind: 'turns'; readonly from: number }
  | { readonly kind: 'input'; readonly input: FuzzInput }
  | { readonly kind: 'show'; readonly turn: number }

export type Reply =
  | {
      readonly kind: 'turns'
      readonly fates: Readonly<Record<string, number>>
      readonly turn: number
      readonly failed: { readonly turn: number; readonly failure: string; readonly input: FuzzInput } | null
    }
  | { readonly kind: 'input'; readonly failure: string | null }
  | { readonly kind: 'show'; readonly input: FuzzInput }

const { root, seed, progress } = workerData as {
  readonly root: string
  readonly seed: number
  /** The turn that runs now, and whether to stop. */
  readonly progress: Int32Array
}
const corpus = readCorpus(root)

parentPort?.on('message', (request: Request) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply))
})

async function answer(request: Request): Promise<Reply> {
  switch (request.kind) {
    case 'show':
      return { kind: 'show', input: fuzzInput(corpus, seed, request.turn) }
    case 'input':
      return { kind: 'input', failure: await failureOf(request.input) }
    case 'turns':
      return runTurns(request.from)
  }
}

async function runTurns(from: number): Promise<Reply> {
  const fates: Record<string, number> = {}
  for (let turn = from; ; turn += 1) {
    Atomics.store(progress, 0, turn)
    if (Atomics.load(progress, 1) === 1) return { kind: 'turns', fates, turn, failed: null }
    const input = fuzzInput(corpus, seed, turn)
    try {
      const result = `${input.kind}: ${await fate(input)}`
      fates[result] = (fates[result] ?? 0) + 1
    } catch (error) {
      return { kind: 'turns', fates, turn, failed: { turn, failure: textOf(error), input } }
    }
  }
}

async function failureOf(input: FuzzInput): Promise<string | null> {
  try {
    await fate(input)
    return null
  } catch (error) {
    return textOf(error)
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
