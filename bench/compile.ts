import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sourceShares } from '../compiler/check/source-shares.ts'
import { plainSteps } from '../compiler/check/plain-steps.ts'
import { compileDag, findDags, loadDags } from '../compiler/index.ts'
import { parseWorkflow } from '../language/index.ts'
import { DagProblems } from '../dsl/index.ts'
import { shapes } from './compile-dags.ts'

/*
 * Seconds to compile DAGs of 10 to 10,000 tasks, in process and as `dag compile` in a process of its own:
 * `npm run bench:compile [SHAPES]`. One source holds some 75 tasks: what is larger is compiled to the end and then refused
 * with the limits that it exceeds. Bars: 0.5 s for 100 tasks and 1.5 s for 1,000, whole process; `ratio` is the time over a
 * tenth of the tasks' time, 10 being linear, at most 15 from 1,000 to 10,000 in process. 500 models over ten DAGs: 2 s. A whole process is measured for a
 * project that was never compiled (`first`) and for one that was (`whole`), whose files stand in `.dag/cache`.
 */

const sizes = [10, 100, 1_000, 10_000]
const bars: Readonly<Record<number, number>> = { 100: 0.5, 1_000: 1.5 }
const mostRatio = 15
const root = resolve(import.meta.dirname, '../..')
const wanted = process.argv.slice(2)
const chosen = Object.keys(shapes).filter((name) => wanted.length === 0 || wanted.includes(name))

/** The best of some turns: what else the machine does only ever adds. */
function best(turns: number, run: () => void, before: () => void = () => undefined): number {
  const times = Array.from({ length: turns }, () => {
    before()
    const start = performance.now()
    run()
    return (performance.now() - start) / 1000
  })
  return Math.min(...times)
}

function inProcess(name: string, size: number): number {
  return best(size > 1_000 ? 2 : 5, () => {
    const build = shapes[name]
    if (build === undefined) throw new Error(`no shape ${name}`)
    try {
      compileDag(build(size), { projectDir: root })
    } catch (error) {
      if (!(error instanceof DagProblems)) throw error
      if (name !== 'mistakes' && error.problems.some(({ code }) => code !== 'DAG501')) throw error
    }
  })
}

/** Writes the megabytes that a process held at most. */
const tellPeak = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS / 1024))`

/** Megabytes at most, of the largest DAG of each shape. */
const peaks: number[] = []

function wholeProcess(name: string, size: number, isFirst: boolean): number {
  const project = mkdtempSync(join(tmpdir(), 'bench-compile-'))
  try {
    mkdirSync(join(project, 'dags', name), { recursive: true })
    copyFileSync(join(root, 'bench/compile-dags.ts'), join(project, 'shapes.ts'))
    writeFileSync(
      join(project, 'dags', name, 'dag.ts'),
      `import { shapes } from '../../shapes.ts'\nexport default shapes['${name}'](${size})\n`,
    )
    const isLarge = size > 1_000
    const peak = isLarge ? ['--import', `data:text/javascript,${encodeURIComponent(tellPeak)}`] : []
    const compile = () => {
      const dag = spawnSync(process.execPath, [...peak, join(root, 'dist/cli/main.js'), 'compile'], {
        cwd: project,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      })
      const refused = dag.status === 1 && dag.stderr.includes(name === 'mistakes' ? 'DAG104' : 'DAG501')
      if (dag.status !== 0 && !refused) throw new Error(`dag compile ended ${dag.status}: ${dag.stderr}`)
      if (isLarge) peaks.push(Number(/peak ([\d.]+)/.exec(dag.stderr)?.[1]))
    }
    if (!isFirst && !isLarge) compile()
    return best(isLarge ? 1 : 3, compile, () => {
      if (isFirst) rmSync(join(project, '.dag'), { recursive: true, force: true })
    })
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

const print = (...cells: readonly string[]) =>
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(10))).join(' '))

const missed: string[] = []
type How = 'in process' | 'first' | 'whole'

function report(name: string, how: How, measure: (size: number) => number): void {
  const times = sizes.map(measure)
  const ratios = times.slice(1).map((time, index) => time / (times[index] ?? time))
  print(
    `${name}, ${how}`,
    ...times.map((time) => `${time.toFixed(3)} s`),
    ...ratios.map((each) => each.toFixed(1)),
  )
  for (const [index, size] of sizes.entries()) {
    const bar = how === 'in process' ? undefined : bars[size]
    const time = times[index] ?? 0
    if (bar !== undefined && time > bar)
      missed.push(`${name}, ${how}: ${size} tasks took ${time.toFixed(2)} s of ${bar} s`)
  }
  const ratio = ratios.at(-1) ?? 0
  if (how === 'in process' && ratio > mostRatio)
    missed.push(
      `${name}: ten times the tasks took ${ratio.toFixed(1)} times as long, not ${mostRatio} at most`,
    )
}

print('', ...sizes.map((size) => `${size}`), ...sizes.slice(1).map((size) => `ratio ${size}`))
inProcess('layered', 100)
for (const name of chosen) {
  report(name, 'in process', (size) => inProcess(name, size))
  report(name, 'first', (size) => wholeProcess(name, size, true))
  report(name, 'whole', (size) => wholeProcess(name, size, false))
}
console.log(`at most ${Math.round(Math.max(...peaks))} MB of memory`)

/** Bytes and steps of the tasks of the project's own DAGs and of the goldens, by kind. */
async function reportTasks(): Promise<void> {
  const kinds = new Map<string, { bytes: number[]; steps: number[] }>()
  const mains: number[] = []
  for (const folder of ['dags', 'test/golden']) {
    const project = folder === 'dags' ? root : join(root, 'test')
    const parent = folder === 'dags' ? 'dags' : 'golden'
    for (const definition of await loadDags(project, findDags(project, parent), parent)) {
      const { source } = compileDag(definition, { projectDir: project })
      const { document } = parseWorkflow(source)
      if (document === null) throw new Error(`${definition.id} does not parse`)
      const bytes = new Map(sourceShares(source, definition.tasks).tasks)
      const { routines, main } = plainSteps(document)
      mains.push(main / definition.tasks.length)
      for (const { id, kind } of definition.tasks) {
        const own = kinds.get(kind) ?? { bytes: [], steps: [] }
        kinds.set(kind, own)
        own.bytes.push(bytes.get(id) ?? 0)
        own.steps.push(routines.get(`task_${id}`) ?? 0)
      }
    }
  }
  print('', 'tasks', 'bytes', 'steps')
  for (const [kind, { bytes, steps }] of kinds)
    print(kind, `${bytes.length}`, `${median(bytes)}`, `${median(steps)}`)
  print('main, steps a task', '', '', median(mains).toFixed(1))
}

/** Tasks that one source holds, with room for what other DAGs have beside them. */
const marginal = 40

/**
 * What one more task costs: the difference between a DAG and one of half as many tasks, per task, without the part that
 * every source has. With retries and without, since a task that is tried again is longer.
 */
function reportMarginal(): void {
  print('one more task', 'source', 'main', 'routine')
  for (const [name, retries] of [
    ['chain', 0],
    ['chain', 3],
    ['wide', 0],
    ['wide', 3],
  ] as const) {
    const [small, large] = [marginal / 2, marginal].map((size) => sharesOf(name, size, retries))
    if (small === undefined || large === undefined) continue
    const each = (of: (shares: Shares) => number) => Math.round((of(large) - of(small)) / (marginal / 2))
    const cells = [each(({ source }) => source), each(({ main }) => main), each(({ tasks }) => tasks)]
    print(`${name}, ${retries} retries`, ...cells.map(String))
    if ((cells[0] ?? 0) > mostBytes)
      missed.push(`${name}, ${retries} retries: ${cells[0]} of ${mostBytes} bytes a task`)
  }
}

/** 1.6 KB of source a task. */
const mostBytes = 1638

interface Shares {
  readonly source: number
  readonly main: number
  readonly tasks: number
}

function sharesOf(name: string, size: number, retries: number): Shares {
  const build = shapes[name]
  if (build === undefined) throw new Error(`no shape ${name}`)
  const definition = build(size)
  const tasks = definition.tasks.map((task) => ({ ...task, retry: { ...task.retry, retries } }))
  const { source } = compileDag({ ...definition, tasks }, { projectDir: root })
  const shares = sourceShares(source, tasks)
  return {
    source: Buffer.byteLength(source),
    main: shares.main,
    tasks: shares.tasks.reduce((sum, [, bytes]) => sum + bytes, 0),
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

/** Models of a project, over ten DAGs, and in how many seconds they compile. */
const manyModels = 500
const modelsBar = 2

/** Ten DAGs, each of which one source holds, with SQL as people write it. */
function reportModels(): void {
  const project = mkdtempSync(join(tmpdir(), 'bench-models-'))
  try {
    copyFileSync(join(root, 'bench/compile-dags.ts'), join(project, 'shapes.ts'))
    for (let index = 0; index < 10; index++) {
      mkdirSync(join(project, `dags/layers_${index}`), { recursive: true })
      writeFileSync(
        join(project, `dags/layers_${index}/dag.ts`),
        `import { shapes } from '../../shapes.ts'\nexport default { ...shapes['layers'](${manyModels / 10}), id: 'layers_${index}' }\n`,
      )
    }
    const compile = () => {
      const dag = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), 'compile'], {
        cwd: project,
        encoding: 'utf8',
      })
      if (dag.status !== 0) throw new Error(`dag compile ended ${dag.status}: ${dag.stderr}`)
    }
    const first = best(3, compile, () => rmSync(join(project, '.dag'), { recursive: true, force: true }))
    const whole = best(3, compile)
    print(`${manyModels} models, 10 DAGs`, `${first.toFixed(3)} s`, `${whole.toFixed(3)} s`)
    for (const [how, time] of [
      ['first', first],
      ['whole', whole],
    ] as const)
      if (time > modelsBar)
        missed.push(`${manyModels} models, ${how}: ${time.toFixed(2)} s of ${modelsBar} s`)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

await reportTasks()
reportModels()
reportMarginal()
for (const line of missed) console.log(`missed: ${line}`)
if (missed.length > 0) process.exitCode = 1
