import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const main = join(root, 'dist/cli/main.js')
const built = existsSync(main)
if (!built)
  console.log('the project is not built (npm run build): the tests of the built command are skipped')

describe.skipIf(!built)('the built command', () => {
  test('shows its help at once', () => {
    const { status, stdout } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' })
    expect(status).toBe(0)
    expect(stdout).toContain('simulate')
  })

  test('reads no other room of the project for its help', () => {
    const hook =
      "import {register} from 'node:module'; register('data:text/javascript,' + encodeURIComponent(`export async function resolve(s,c,n){const r=await n(s,c);if(r.url.startsWith('file:'))process._rawDebug(r.url);return r}`))"
    const { stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, main, '--help'],
      { encoding: 'utf8' },
    )
    const loaded = stderr.split('\n').filter((url) => url.startsWith('file:'))
    const own = loaded.filter((url) => !url.includes('/node_modules/'))
    expect(loaded.filter((url) => !/\/dist\/|\/node_modules\/commander\//.test(url))).toEqual([])
    // Each part of the built project names the files that it is made of.
    const rooms = own.flatMap((url) => {
      const made = readFileSync(fileURLToPath(url), 'utf8').matchAll(/^\/\/ (\w+)\/.*\.ts$/gm)
      return [...made].map(([, room]) => room)
    })
    expect(rooms.length).toBeGreaterThan(10)
    expect([...new Set(rooms)]).toEqual(['cli'])
  })

  test('a mistake exits 1 and says so on the error stream only', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'explain', 'X'], {
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^DAG605 there is no code X\n {2}fix: /)
  })

  test('all of many mistakes are told, however slowly they are read', () => {
    const project = mkdtempSync(join(tmpdir(), 'dag-main-'))
    mkdirSync(join(project, 'dags/many'), { recursive: true })
    const file = join(project, 'dags/many/dag.ts')
    const tasks = `for (let n = 0; n < 3000; n++) empty('task_' + n, { retries: -1 })`
    writeFileSync(
      file,
      `import { dag } from 'dagwright'\nexport default dag('many', { description: 'Wrong' }, ({ empty }) => {\n${tasks}\n})\n`,
    )
    const { status, stderr } = spawnSync(process.execPath, [main, 'compile'], {
      encoding: 'utf8',
      cwd: project,
      maxBuffer: 64 * 1024 * 1024,
    })
    expect(status).toBe(1)
    expect(stderr.match(/^DAG104 /gm)).toHaveLength(3000)
    rmSync(project, { recursive: true, force: true })
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('the emulator stops at %s, frees its folder and exits %i', async (signal, code) => {
    const state = mkdtempSync(join(tmpdir(), 'dag-main-'))
    const { line, child, exited } = await startEmulator(state, '0')
    expect(line).toMatch(/^local cloud at http:\/\/127\.0\.0\.1:\d+\n$/)
    expect(existsSync(join(state, 'emulator.json'))).toBe(true)
    child.kill(signal)
    expect(await exited).toBe(code)
    expect(existsSync(join(state, 'emulator.json'))).toBe(false)
    rmSync(state, { recursive: true, force: true })
  })

  test('the emulator says who has its port or its folder', async () => {
    const state = mkdtempSync(join(tmpdir(), 'dag-main-'))
    const { line, child, exited } = await startEmulator(state, '0')
    const port = /:(\d+)\n/.exec(line)?.[1] ?? ''
    const second = (...args: string[]) =>
      spawnSync(process.execPath, [main, 'emulator', ...args], { encoding: 'utf8', cwd: root })
    const taken = second('--port', port, '--state', join(state, 'other'))
    expect(taken).toMatchObject({ status: 1, stdout: '' })
    expect(taken.stderr).toMatch(
      /^DAG606 another process listens on port \d+\n.*\n {2}fix: choose another port/,
    )
    const held = second('--port', '0', '--state', state)
    expect(held).toMatchObject({ status: 1, stdout: '' })
    expect(held.stderr).toContain(`in use by the emulator with pid ${child.pid}`)
    child.kill('SIGTERM')
    await exited
    rmSync(state, { recursive: true, force: true })
  })

  test('a source and its argument come from the standard input', () => {
    const state = mkdtempSync(join(tmpdir(), 'dag-main-'))
    const file = join(state, 'echo.yaml')
    writeFileSync(file, 'main:\n  params: [args]\n  steps:\n    - done:\n        return: ${args}\n')
    const dag = (input: string, ...args: string[]) =>
      spawnSync(process.execPath, [main, 'workflow', ...args], { encoding: 'utf8', cwd: root, input })
    const echoed = dag('{"n": 1}', 'run', file, '--data', '-', '--state', state)
    expect(echoed).toMatchObject({ status: 0, stdout: '{"n":1}\n' })
    const piped = dag(readFileSync(file, 'utf8'), 'run', '-', '--state', state)
    expect(piped).toMatchObject({ status: 0, stdout: 'null\n' })
    expect(dag('main: 1', 'check', '-')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^-:1:7: /) as string,
    })
    rmSync(state, { recursive: true, force: true })
  })
})

async function startEmulator(state: string, port: string) {
  const child = spawn(process.execPath, [main, 'emulator', '--port', port, '--state', state], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = new Promise((done) => child.on('exit', done))
  const line = await new Promise<string>((done) => child.stdout.once('data', (data) => done(String(data))))
  return { line, child, exited }
}
