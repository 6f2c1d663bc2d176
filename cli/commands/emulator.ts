import { once } from 'node:events'
import { exit, type Command, type CommandInput } from '../command.ts'
import { generatedDags, projectFolder, stateFolder } from '../project.ts'
import { liveOption, readingOption, stateOption } from './shared-options.ts'

/** With a seed nothing may depend on when the emulator was started. */
const SEEDED_START = '2026-01-01T00:00:00Z'

export const emulatorCommand: Command = {
  name: 'emulator',
  summary: 'keep the local cloud running: Workflows, Run jobs, Storage, BigQuery on one port',
  options: [
    { flags: '--port <n>', description: 'loopback port (default: 8085)' },
    stateOption,
    {
      flags: '--clock <real|virtual>',
      description: 'virtual: sleeps, retries and polls take no time (default: real)',
    },
    liveOption,
    {
      flags: '--seed <n>',
      description:
        'order in which parallel branches take turns, and all ids; the same seed, the same histories',
    },
    {
      flags: '--start <time>',
      description: `RFC 3339: where a virtual clock begins (default: now; with --seed ${SEEDED_START})`,
    },
    readingOption,
  ],
  examples: ['dag emulator --port 8085', 'dag emulator --clock virtual --state /tmp/cloud'],
  untilStopped: true,
  run: emulate,
}

async function emulate({ options, output, signal }: CommandInput): Promise<number> {
  const project = projectFolder()
  const [
    { loadConfig },
    { generatedDag, stepVariables },
    { startLocalCloud },
    { instant, wholeNumber, oneOf },
    { chosenReadings },
  ] = await Promise.all([
    import('../../deploy/load-config.ts'),
    import('../compiled-dags.ts'),
    import('../local-cloud.ts'),
    import('../option-values.ts'),
    import('../reading-option.ts'),
  ])
  const seed = wholeNumber(options, 'seed')
  const readings = await chosenReadings(options)
  const clock = oneOf(options, 'clock', ['real', 'virtual']) ?? 'real'
  const start = instant(options, 'start') ?? (seed === undefined ? undefined : Date.parse(SEEDED_START))
  const compiled = await Promise.all(generatedDags(project).map((dag) => generatedDag(project, dag)))
  const cloud = await startLocalCloud({
    project,
    config: await loadConfig(project),
    state: stateFolder(project, options.text('state')),
    port: wholeNumber(options, 'port') ?? 8085,
    clock,
    ...(start === undefined ? {} : { start }),
    live: options.flag('live'),
    note: (text) => output.note(text),
    variables: stepVariables(compiled),
    ...(seed === undefined ? {} : { seed }),
    ...readings,
  })
  output.out(`local cloud at ${cloud.url}`)
  output.note('other dag commands find it by its state folder; Ctrl-C stops it')
  if (!signal.aborted) await once(signal, 'abort')
  await cloud.close()
  return exit.success
}
