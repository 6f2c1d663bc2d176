import { runMain } from './runtime/main.ts'
import type { StepLoader } from './runtime/main.ts'

/** Every step of the image `steps`, by the name in its contract. */
const steps: Readonly<Record<string, StepLoader>> = {
  'anilist/fetch-user': async () => (await import('./anilist/fetch-user.ts')).default,
  'anilist/fetch-media-list': async () => (await import('./anilist/fetch-media-list.ts')).default,
  'anilist/fetch-media': async () => (await import('./anilist/fetch-media.ts')).default,
  'anilist/load-raw': async () => (await import('./anilist/load-raw.ts')).default,
}

const code = await runMain(steps, process.argv.slice(2), process.env)
// Idle connections of Google's clients would keep the process alive; what is written to stdout must arrive first.
process.stdout.write('', () => process.exit(code))
