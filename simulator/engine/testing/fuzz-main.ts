import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { parse, stringify } from 'yaml'
import type { FuzzInput } from './fuzz-inputs.ts'
import type { Reply, Request } from './fuzz-worker.ts'

/*
 * Feeds random and mutated sources, expressions and arguments to the parser, the validation, the printer and the
 * engine until the time is up. Ends with 1 when an input crashes something, hangs or needs too much memory, after it
 * has shrunk and printed that input. scripts/fuzz.mjs bundles and starts it; CONTRIBUTING.md has its variables.
 */

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 30)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
const mostFailures = Number(process.env['FUZZ_FAILURES'] ?? 1)
/** Milliseconds; an execution of 100,000 steps takes less than one second. */
const STUCK = 10_000
/** Milliseconds that a worker may take to start on a busy machine. */
const STARTING = 60_000
/** MB of one worker: an execution may hold 512 KB. */
const MEMORY = 256

const NOT_STARTED = -1

interface Failed {
  readonly turn: number
  readonly failure: string
  readonly input: FuzzInput
}

console.log(`fuzz: seed ${seed}, ${seconds} s`)
const until = Date.now() + seconds * 1000
const fates: Record<string, number> = {}
let turns = 0
let failures = 0
for (let from = 0; Date.now() < until && failures < mostFailures;) {
  const round = await runTurns(from)
  for (const [name, count] of Object.entries(round.fates)) fates[name] = (fates[name] ?? 0) + count
  turns += round.turn - from
  from = round.turn + 1
  if (round.failed === null) break
  failures += 1
  await report(round.failed)
}
for (const [name, count] of Object.entries(fates).toSorted(byName)) console.log(`  ${name}: ${count}`)
console.log(`fuzz: ${turns} inputs, ${failures} failed, seed ${seed}`)
process.exit(failures === 0 && turns > 0 ? 0 : 1)

function byName([one]: readonly [string, number], [other]: readonly [string, number]): number {
  return one < other ? -1 : 1
}

function startWorker() {
  const progress = new Int32Array(new SharedArrayBuffer(8))
  progress[0] = NOT_STARTED
  const worker = new Worker(join(here, 'worker.mjs'), {
    workerData: { root, seed, progress },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY },
  })
  return { worker, progress }
}

/** One answer of a fresh worker, or why there is none. */
async function ask(request: Request): Promise<Reply | { readonly dead: string }> {
  const { worker } = startWorker()
  try {
    return await new Promise((done) => {
      const timer = setTimeout(() => done({ dead: 'no end' }), STARTING + STUCK)
      worker.once('message', (reply: Reply) => {
        clearTimeout(timer)
        done(reply)
      })
      worker.once('error', (error) => done({ dead: String(error) }))
      worker.postMessage(request)
    })
  } finally {
    await worker.terminate()
  }
}

/** Turns from `from` on, until the time is up or one fails. A worker that stands still or dies is a failure of its turn. */
async function runTurns(from: number) {
  const { worker, progress } = startWorker()
  worker.postMessage({ kind: 'turns', from } satisfies Request)
  let last = NOT_STARTED
  let since = Date.now()
  let watch: NodeJS.Timeout | undefined
  try {
    const reply = await new Promise<Reply | { readonly dead: string }>((done) => {
      watch = setInterval(() => {
        const turn = Atomics.load(progress, 0)
        if (turn !== last) since = Date.now()
        last = turn
        if (Date.now() > until) Atomics.store(progress, 1, 1)
        const most = turn === NOT_STARTED ? STARTING : STUCK
        if (Date.now() - since > most) done({ dead: `no end after ${most / 1000} s` })
      }, 100)
      worker.once('message', done)
      worker.once('error', (error) => done({ dead: String(error) }))
    })
    if ('kind' in reply && reply.kind === 'turns') return reply
    const turn = Atomics.load(progress, 0)
    const failure = 'dead' in reply ? reply.dead : 'an answer to another question'
    if (turn === NOT_STARTED) throw new Error(`the worker did not start: ${failure}`)
    const shown = await ask({ kind: 'show', turn })
    if (!('input' in shown)) throw new Error(`the input of turn ${turn} cannot be made again`)
    return { fates: {}, turn, failed: { turn, failure, input: shown.input } }
  } finally {
    clearInterval(watch)
    await worker.terminate()
  }
}

async function fails(input: FuzzInput): Promise<boolean> {
  const reply = await ask({ kind: 'input', input })
  return !('failure' in reply) || reply.failure !== null
}

async function report({ turn, failure, input }: Failed): Promise<void> {
  console.log(`\nturn ${turn} (${input.kind}) failed: ${failure}`)
  const shrunk = await shrink(input, Date.now() + 60_000)
  const level = shrunk.detailed ? 'detailed' : 'basic'
  console.log(`argument ${shrunk.argument}, ${level} history, seed ${shrunk.seed}`)
  console.log(`source, shrunk from ${input.source.length} to ${shrunk.source.length} characters:`)
  console.log(`${shrunk.source}\n`)
}

/** Leaves out lines, then characters, as long as the input still fails. */
async function shrink(input: FuzzInput, end: number): Promise<FuzzInput> {
  let best = input
  const attempt = async (change: Partial<FuzzInput>) => {
    const smaller = { ...best, ...change }
    if (Date.now() > end || !(await fails(smaller))) return false
    best = smaller
    return true
  }
  await attempt({ argument: 'null' })
  const block = blockStyle(input.source)
  if (block !== null) await attempt({ source: block })
  for (const separator of ['\n', '']) {
    const length = best.source.split(separator).length
    for (let size = Math.ceil(length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < best.source.split(separator).length && Date.now() < end;) {
        const pieces = best.source.split(separator)
        pieces.splice(at, size)
        if (!(await attempt({ source: pieces.join(separator) }))) at += size
      }
    }
  }
  return best
}

/** The source as YAML with a line for every entry, or null where it is no YAML. */
function blockStyle(source: string): string | null {
  try {
    return stringify(parse(source))
  } catch {
    return null
  }
}
