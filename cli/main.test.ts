import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const main = resolve(import.meta.dirname, '../dist/cli/main.js')
const built = existsSync(main)
if (!built)
  console.log('the project is not built (npm run build): the tests of the built command are skipped')

describe.skipIf(!built)('the built command', () => {
  test('shows its help at once', () => {
    const { status, stdout } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' })
    expect(status).toBe(0)
    expect(stdout).toContain('simulate')
  })

  test('reads no other module of the project for its help', () => {
    const hook =
      "import {register} from 'node:module'; register('data:text/javascript,' + encodeURIComponent(`export async function resolve(s,c,n){const r=await n(s,c);if(r.url.startsWith('file:'))process._rawDebug(r.url);return r}`))"
    const { stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, main, '--help'],
      { encoding: 'utf8' },
    )
    const loaded = stderr.split('\n').filter((url) => url.startsWith('file:'))
    expect(loaded.length).toBeGreaterThan(10)
    expect(loaded.filter((url) => !/\/dist\/cli\/|\/node_modules\/commander\//.test(url))).toEqual([])
  })

  test('a mistake exits 1 and says so on the error stream only', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'explain', 'X'], {
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^error: there is no code X\n {2}fix: /)
  })

  test('the emulator stops at Ctrl-C, frees its folder and exits 130', async () => {
    const state = mkdtempSync(join(tmpdir(), 'dag-main-'))
    const child = spawn(process.execPath, [main, 'emulator', '--port', '0', '--state', state], {
      cwd: resolve(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const exited = new Promise((done) => child.on('exit', done))
    const line = await new Promise<string>((done) => child.stdout.once('data', (data) => done(String(data))))
    expect(line).toMatch(/^local cloud at http:\/\/127\.0\.0\.1:\d+/)
    expect(existsSync(join(state, 'emulator.json'))).toBe(true)
    child.kill('SIGINT')
    expect(await exited).toBe(130)
    expect(existsSync(join(state, 'emulator.json'))).toBe(false)
    rmSync(state, { recursive: true, force: true })
  })
})
