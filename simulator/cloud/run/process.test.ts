import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { LineSplitter } from './lines.ts'
import { readLogLine } from './log-line.ts'
import { runProcess, type ProcessEnd, type ProcessSpec } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'dagwright-process-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(
  script: string,
  options: Partial<ProcessSpec> = {},
): Promise<{ readonly end: ProcessEnd; readonly lines: readonly string[] }> {
  const lines: string[] = []
  const end = await runProcess({
    command: [process.execPath, '-e', script],
    env: {},
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onLine: (stream, line) => lines.push(`${stream} ${line}`),
    ...options,
  })
  return { end, lines }
}

/** A program that writes the time to a file again and again. */
function heartbeat(file: string): string {
  return `setInterval(() => require("fs").writeFileSync(${JSON.stringify(file)}, String(Date.now())), 20)`
}

async function stillBeats(file: string): Promise<boolean> {
  const last = readFileSync(file, 'utf8')
  await new Promise((resolve) => setTimeout(resolve, 200))
  return readFileSync(file, 'utf8') !== last
}

const spawns = (script: string, options = '{ stdio: "inherit" }') =>
  `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(script)}], ${options});`
const waitFor = (file: string) =>
  `const t = setInterval(() => { if (require("fs").existsSync(${JSON.stringify(file)})) { clearInterval(t); ready() } }, 10);`

describe('runProcess', () => {
  it('tells exit codes and signals', async () => {
    expect((await run('')).end).toEqual({ kind: 'exited', code: 0 })
    expect((await run('process.exit(3)')).end).toEqual({ kind: 'exited', code: 3 })
    expect((await run('process.kill(process.pid, "SIGKILL")')).end).toEqual({
      kind: 'signalled',
      signal: 'SIGKILL',
    })
  })

  it('gives lines of both streams, the last one without an end too', async () => {
    const { lines } = await run('process.stdout.write("a\\r\\n\\nb"); process.stderr.write("c\\n")')
    expect(lines.toSorted()).toEqual(['stderr c', 'stdout a', 'stdout b'])
  })

  it('passes nothing on of this process’s environment', async () => {
    expect((await run('console.log(process.env.PATH === undefined)')).lines).toEqual(['stdout true'])
  })

  it('ends with SIGTERM at the timeout', async () => {
    const { end, lines } = await run(
      'process.on("SIGTERM", () => { console.log("term"); process.exit(0) }); setInterval(() => {}, 1000)',
      { timeoutMs: 400 },
    )
    expect(end).toEqual({ kind: 'timeout' })
    expect(lines).toEqual(['stdout term'])
  })

  it('ends with SIGKILL after the grace, together with what it started', async () => {
    const file = join(folder, 'ignores')
    const { end } = await run(
      `${spawns(heartbeat(file))} process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)`,
      { timeoutMs: 600, graceMs: 200 },
    )
    expect(end).toEqual({ kind: 'timeout' })
    expect(existsSync(file)).toBe(true)
    expect(await stillBeats(file)).toBe(false)
  })

  it('kills what it leaves behind when it ends by itself', async () => {
    const file = join(folder, 'behind')
    const { end } = await run(
      `function ready() { process.exit(0) } ${spawns(heartbeat(file))} ${waitFor(file)}`,
    )
    expect(end).toEqual({ kind: 'exited', code: 0 })
    expect(await stillBeats(file)).toBe(false)
  })

  it('ends although someone outside its group holds its pipes', async () => {
    const file = join(folder, 'detached')
    const script = `require("fs").writeFileSync(${JSON.stringify(file)}, String(process.pid)); setTimeout(() => {}, 4000)`
    const started = Date.now()
    const { end } = await run(
      `function ready() { process.exit(0) } ${spawns(script, '{ stdio: "inherit", detached: true }')} ${waitFor(file)}`,
    )
    expect(end).toEqual({ kind: 'exited', code: 0 })
    expect(Date.now() - started).toBeLessThan(3500)
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL')
  })

  it('is cancelled, before it starts too', async () => {
    const abort = new AbortController()
    const running = run('setInterval(() => {}, 1000)', { signal: abort.signal })
    abort.abort()
    expect((await running).end).toEqual({ kind: 'cancelled' })
    expect((await run('', { signal: abort.signal })).end).toEqual({ kind: 'cancelled' })
  })

  it('says why a command does not start', async () => {
    expect((await run('', { command: ['/no/such/program'] })).end).toMatchObject({ kind: 'not_started' })
    expect((await run('', { cwd: '/no/such/folder' })).end).toMatchObject({ kind: 'not_started' })
  })
})

describe('LineSplitter', () => {
  it('finds lines wherever the chunks are cut', () => {
    const bytes = Buffer.from('één\n{"a":1}\n\nlast')
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const lines: string[] = []
      const splitter = new LineSplitter((line) => lines.push(line))
      splitter.push(bytes.subarray(0, cut))
      splitter.push(bytes.subarray(cut))
      splitter.end()
      expect(lines).toEqual(['één', '{"a":1}', 'last'])
    }
  })

  it('cuts endless lines', () => {
    const lines: number[] = []
    const splitter = new LineSplitter((line) => lines.push(line.length))
    for (let index = 0; index < 10; index += 1) splitter.push(Buffer.alloc(100_000, 0x61))
    splitter.end()
    expect(Math.max(...lines)).toBeLessThanOrEqual(256 * 1024)
    expect(lines.reduce((sum, length) => sum + length, 0)).toBe(1_000_000)
  })
})

describe('readLogLine', () => {
  it.each([
    [
      '{"severity":"error","message":"x","task":"t"}',
      { severity: 'ERROR', labels: {}, jsonPayload: { message: 'x', task: 't' } },
    ],
    [
      '{"message":"x","logging.googleapis.com/labels":{"a":"b","c":1}}',
      { severity: 'DEFAULT', labels: { a: 'b' }, jsonPayload: { message: 'x' } },
    ],
    ['{"severity":"loud"}', { severity: 'DEFAULT', labels: {}, jsonPayload: {} }],
    ['{broken', { severity: 'DEFAULT', labels: {}, textPayload: '{broken' }],
    ['[1]', { severity: 'DEFAULT', labels: {}, textPayload: '[1]' }],
  ])('%s', (line, expected) => {
    expect(readLogLine(line)).toEqual(expected)
  })
})
