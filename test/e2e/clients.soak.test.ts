import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type RunningCommand, startDag, temporaryFolder } from './cli.ts'
import { connect, persist, random, SoakClient } from './soak-client.ts'

/*
 * Four clients upload, load, merge and query while the server is killed at random and started again. Nothing that was
 * acknowledged may be lost, no table half-written, no job stuck.
 *   SOAK_SECONDS  how long (default 30), SOAK_SEED  which run
 */
const seconds = Number(process.env['SOAK_SECONDS'] ?? 30)
const seed = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/**
 * A port that stays free between two lives of a server: below those that the system lends to outgoing connections
 * (32768 and up on Linux), any of which could take it meanwhile.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const free = await new Promise<boolean>((done) => {
      server.once('error', () => {
        done(false)
      })
      server.listen(port, '127.0.0.1', () => {
        done(true)
      })
    })
    if (!free) continue
    await new Promise((done) => server.close(done))
    return port
  }
}

test(
  `clients and a server that is killed, ${seconds} s, SOAK_SEED=${seed}`,
  async () => {
    console.log(`SOAK_SEED=${seed}`)
    const folder = temporaryFolder()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const start = (): RunningCommand => startDag(['emulator', '--port', String(port), '--state', folder.path])
    const { bigquery, storage } = connect(url)
    const dice = random(seed)
    let server = start()
    const kill = async (): Promise<void> => {
      const alive = Symbol('alive')
      const ended = await Promise.race([server.finished, Promise.resolve(alive)])
      if (ended !== alive) throw new Error(`the server ended by itself: ${JSON.stringify(ended)}`)
      process.kill(-server.pid, 'SIGKILL')
      await server.finished
    }
    try {
      await persist(() => bigquery.createDataset('soak'))
      await persist(() => storage.bucket('soak').create())
      const clients = [0, 1, 2, 3].map((id) => new SoakClient(id, url, seed))
      for (const client of clients) await client.prepare()
      const end = performance.now() + seconds * 1000
      const failure = new AbortController()
      const running = clients.map(async (client) => {
        try {
          while (performance.now() < end && !failure.signal.aborted) await client.step()
        } catch (error) {
          failure.abort()
          throw error
        }
      })
      let kills = 0
      while (performance.now() < end && !failure.signal.aborted) {
        await sleep(500 + dice() * 4000)
        await kill()
        kills++
        server = start()
      }
      await Promise.all(running)
      await kill()
      server = start()
      for (const client of clients) await client.check(true)
      const jobs = (await persist(() => bigquery.getJobs({ autoPaginate: true } as never)))[0]
      const open = jobs.filter((job) => (job.metadata as { state?: string }).state !== 'DONE')
      console.log(
        `${kills} kills, ${jobs.length} jobs`,
        clients.map((client) => client.done),
      )
      expect(open.map((job) => job.id)).toEqual([])
      expect(clients.every(({ done }) => done.uploads + done.loads + done.merges + done.queries > 0)).toBe(
        true,
      )
    } finally {
      // Where the test has failed already, that it ended by itself is told by then.
      await kill().catch(() => undefined)
      folder.remove()
    }
  },
  (seconds + 120) * 1000,
)
