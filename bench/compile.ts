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
 * `npm run bench:compile`. One source holds some 75 tasks: what is larger is compiled to the end and then refused with
 * the limits that it exceeds. Bars: 0.5 s for 100 tasks and 1.5 s for 1,000, whole process; `ratio` is the time over a
 * tenth of the tasks' time, 10 being linear.
 */

const sizes = [10, 100, 1_000, 10_000]
const bars: Readonly<Record<number, number>> = { 100: 0.5, 1_000: 1.5 }
const root = resolve(import.meta.dirname, '../..')
const wanted = process.argv.slice(2)
const chosen = Object.keys(shapes).filter((name) => wanted.length === 0 || wanted.includes(name))

/** The best of some turns: what else the machine does only ever adds. */
function best(turns: number, run: () => void): number {
  const times = Array.from({ length: turns }, () => {
    const start = performance.now()
    run()
    return (performance.now() - start) / 1000
  })
  return Math.min(...times)
}

function inProcess(name: string, size: number): number {
  return best(size > 1_000 ? 1 : 5, () => {
    const build = shapes[name]
    if (build === undefined) throw new Error(`no shape ${name}`)
    try {
      compileDag(build(size), { projectDir: root })
    } catch (error) {
      if (!(error instanceof DagProblems) || error.problems.some(({ code }) => code !== 'DAG501')) throw error
    }
  })
}

function wholeProcess(name: string, size: number): number {
  const project = mkdtempSync(join(tmpdir(), 'bench-compile-'))
  try {
    mkdirSync(join(project, 'dags', name), { recursive: true })
    copyFileSync(join(root, 'bench/compile-dags.ts'), join(project, 'shapes.ts'))
    writeFileSync(
      join(project, 'dags', name, 'dag.ts'),
      `import { shapes } from '../../shapes.ts'\nexport default shapes['${name}'](${size})\n`,
    )
    return best(size > 1_000 ? 1 : 3, () => {
      const dag = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), 'compile'], {
        cwd: project,
        encoding: 'utf8',
      })
      const refused = dag.status === 1 && dag.stderr.includes('DAG501')
      if (dag.status !== 0 && !refused) throw new Error(`dag compile ended ${dag.status}: ${dag.stderr}`)
    })
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

const print = (...cells: readonly string[]) =>
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(10))).join(' '))

const missed: string[] = []
function report(name: string, how: string, measure: (size: number) => number): void {
  const times = sizes.map(measure)
  const ratios = times.slice(1).map((time, index) => time / (times[index] ?? time))
  print(
    `${name}, ${how}`,
    ...times.map((time) => `${time.toFixed(3)} s`),
    ...ratios.map((each) => each.toFixed(1)),
  )
  for (const [index, size] of sizes.entries()) {
    const bar = how === 'whole' ? bars[size] : undefined
    const time = times[index] ?? 0
    if (bar !== undefined && time > bar)
      missed.push(`${name}: ${size} tasks took ${time.toFixed(2)} s of ${bar} s`)
  }
}

print('', ...sizes.map((size) => `${size}`), ...sizes.slice(1).map((size) => `ratio ${size}`))
inProcess('layered', 100)
for (const name of chosen) {
  report(name, 'in process', (size) => inProcess(name, size))
  report(name, 'whole', (size) => wholeProcess(name, size))
}
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

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

await reportTasks()
for (const line of missed) console.log(`missed: ${line}`)
if (missed.length > 0) process.exitCode = 1
