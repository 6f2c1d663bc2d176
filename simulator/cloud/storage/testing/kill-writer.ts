import { writeSync } from 'node:fs'
import { createStorageService } from '../index.ts'
import { testClock } from './fixture.ts'

/**
 * Run by the kill test in a process of its own: writes objects until it is killed, and says on stdout what was
 * acknowledged. Arguments: folder, round.
 */
const [dir = '', round = ''] = process.argv.slice(2)
const service = await createStorageService({ dir, clock: testClock(), baseUrl: () => 'http://127.0.0.1' })

async function send(method: 'POST' | 'PUT' | 'DELETE', url: string, body = '', headers = {}) {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1')
  const bytes = Buffer.from(body)
  const response = await service.handle({ method, path: pathname, query: searchParams, headers, body: bytes })
  if (response === null || response.status >= 400) throw new Error(`${method} ${url}: ${response?.status}`)
  return response
}

if (round === '0') await send('POST', '/storage/v1/b', JSON.stringify({ name: 'lake' }))

async function write(writer: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    // A few names are overwritten again and again, the others are written once.
    const name = count % 2 === 0 ? `hot-${writer}` : `${round}-${writer}-${count}`
    const content = `${name} ${round} ${count} ${'x'.repeat((count * 977) % 20_000)}`
    const upload = `/upload/storage/v1/b/lake/o?name=${name}&uploadType=`
    if (count % 3 === 0) {
      const session = await send('POST', `${upload}resumable`)
      const location = session.headers?.['location'] ?? ''
      const half = Math.floor(content.length / 2)
      const range = (from: number, to: number) => ({
        'content-range': `bytes ${from}-${to - 1}/${content.length}`,
      })
      await send('PUT', location, content.slice(0, half), range(0, half))
      await send('PUT', location, content.slice(half), range(half, content.length))
    } else await send('POST', `${upload}media`, content)
    writeSync(1, `${name} ${round} ${count}\n`)
    if (count % 10 === 9) {
      writeSync(1, `${name} deleting\n`)
      await send('DELETE', `/storage/v1/b/lake/o/${name}`)
    }
  }
}

await Promise.all([0, 1, 2, 3].map(write))
