import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createStorageService } from './index.ts'
import { testClock } from './testing/fixture.ts'

const jiti = join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib', 'jiti-cli.mjs')
const writer = join(import.meta.dirname, 'testing', 'kill-writer.ts')

/** Runs the writer and kills it so long after its first acknowledgement; gives what it said. */
async function writeAndKill(dir: string, round: number, milliseconds: number): Promise<string[]> {
  const child = spawn(process.execPath, [jiti, writer, dir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const exited = new Promise<NodeJS.Signals | null>((resolve) =>
    child.on('close', (_, signal) => resolve(signal)),
  )
  const first = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      resolve()
    })
  })
  await Promise.race([first, exited])
  await setTimeout(milliseconds)
  child.kill('SIGKILL')
  expect(await exited).toBe('SIGKILL')
  // A line without its end was cut off by the kill.
  return said.split('\n').slice(0, -1)
}

test('kill -9 at any moment loses no acknowledged object and leaves nothing behind', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1000)
  console.log(`kill test: SEED=${seed}`)
  const dir = await mkdtemp(join(tmpdir(), 'kill-test-'))
  try {
    const acknowledged = new Map<string, { round: number; count: number }>()
    for (let round = 0; round < 3; round += 1) {
      for (const line of await writeAndKill(dir, round, (seed * 37 + round * 101) % 250)) {
        const [name = '', at = '', count = ''] = line.split(' ')
        if (at === 'deleting') acknowledged.delete(name)
        else acknowledged.set(name, { round: Number(at), count: Number(count) })
      }
      await check(dir, acknowledged)
    }
    expect(acknowledged.size).toBeGreaterThan(10)
  } finally {
    await rm(dir, { recursive: true })
  }
})

async function check(dir: string, acknowledged: ReadonlyMap<string, { round: number; count: number }>) {
  const service = await createStorageService({ dir, clock: testClock(), baseUrl: () => '' })
  const objects = service.matchObjects('lake', '*')
  const contents = new Set<string>()
  for (const { name, sha256 } of objects) {
    const file = await service.localFile('lake', name)
    const bytes = await readFile(file!.path)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
    contents.add(sha256)
    const [inside, round, count] = bytes.toString().split(' ')
    expect(inside).toBe(name)
    const wanted = acknowledged.get(name)
    // A write that was under way may have got through without its acknowledgement.
    if (wanted !== undefined && Number(round) === wanted.round)
      expect(Number(count)).toBeGreaterThanOrEqual(wanted.count)
    else if (wanted !== undefined) expect(Number(round)).toBeGreaterThan(wanted.round)
    file!.release()
  }
  const present = new Set(objects.map(({ name }) => name))
  expect([...acknowledged.keys()].filter((name) => !present.has(name))).toEqual([])
  await service.close()
  const files = await readdir(join(dir, 'blobs'), { recursive: true })
  expect(files.filter((file) => /[0-9a-f]{64}$/.test(file))).toHaveLength(contents.size)
  expect(await readdir(join(dir, 'blobs', 'tmp'))).toEqual([])
}
