import { join, relative, resolve } from 'node:path'
import type { Clients } from '../../deploy/clients.ts'
import type { MockedRun } from '../../testing/mocked-run.ts'
import type { Command, CommandInput, Options } from '../command.ts'
import { projectFolder, stateFolder } from '../project.ts'
import { dateOption, jsonOption, liveOption, paramOption, stateOption } from './shared-options.ts'

export const simulateCommand: Command = {
  name: 'simulate',
  summary: 'compile a DAG and run it on this machine, with a report',
  arguments: [{ name: '<dag>', description: 'id of the DAG' }],
  options: [
    dateOption,
    paramOption,
    liveOption,
    stateOption,
    {
      flags: '--report <file>',
      description: 'HTML report (default: reports/<run id>.html in the state folder)',
    },
    jsonOption,
    { flags: '--seed <n>', description: 'order in which parallel branches take turns' },
    {
      flags: '--mock <file>',
      description:
        'answers in place of the services of tasks: JSON, or a module; all other tasks run for real',
    },
    {
      flags: '--fail <task>',
      description: 'let all tries of a task fail; may be repeated',
      repeatable: true,
    },
    { flags: '--skip <task>', description: 'let a step skip itself; may be repeated', repeatable: true },
    {
      flags: '--only <task>',
      description: 'run just this task, with what those above gave in this run before; may be repeated',
      repeatable: true,
    },
    { flags: '--from <task>', description: 'run this task and all below it, with what those above gave' },
    {
      flags: '--time-out <task>',
      description: 'let all tries of a task take too long; may be repeated',
      repeatable: true,
    },
  ],
  examples: [
    'dag simulate anilist',
    'dag simulate anilist --date 2026-03-09 --report day.html',
    'dag simulate anilist --live --param userName=Gajs',
    'dag simulate anilist --mock mocks.ts --fail tru_media',
    'dag simulate anilist --date 2026-03-09 --from load_raw',
  ],
  run: simulate,
}

async function simulate(input: CommandInput): Promise<number> {
  const { options, output, signal } = input
  const project = projectFolder()
  const dag = input.arguments[0] ?? ''
  const [{ freshDag }, { stepVariables }, { planFrom, referenceDate, startRun }] = await Promise.all([
    import('../fresh-dags.ts'),
    import('../compiled-dags.ts'),
    import('../start-run.ts'),
  ])
  const compiled = await freshDag(project, dag, output)
  const argument = await planFrom(input, compiled, Date.now())
  output.note(`${dag} ${argument.run_id}, logical date ${argument.logical_date}`)

  const mocks = isPartial(options)
    ? await (
        await import('../mocks.ts')
      ).readMocks(options, project, compiled, argument, (text) => output.note(text))
    : null
  const { openConnection } = await import('../connection.ts')
  const { wholeNumber } = await import('../option-values.ts')
  const seed = wholeNumber(options, 'seed')
  const connection = await openConnection(input, {
    date: referenceDate(argument),
    live: options.flag('live'),
    variables: stepVariables([compiled]),
    ...(seed === undefined ? {} : { seed }),
    ...(mocks?.hasMocks === true ? { mocks } : {}),
  })
  try {
    const [{ deploy }, { followRun }, { finishRun }] = await Promise.all([
      import('../deployment.ts'),
      import('../follow.ts'),
      import('../finish.ts'),
    ])
    const { clients } = connection
    await deploy(mocks === null ? compiled : mocks.replace(compiled), clients)
    signal.throwIfAborted()
    const started = mocks === null ? argument : { ...argument, ...(await knownTasks(mocks, clients)) }
    const execution = await startRun(clients, compiled, started)
    const run = await followRun({ clients, compiled, execution, output, signal })
    mocks?.check()
    const report = options.text('report')
    const file =
      report === undefined
        ? join(stateFolder(project, options.text('state')), 'reports', `${run.runId}.html`)
        : resolve(report)
    return await finishRun({
      run,
      compiled,
      clients,
      report: shown(file),
      json: options.flag('json'),
      output,
    })
  } finally {
    await connection.close()
  }
}

/** Whether not simply the whole DAG runs, with all its services. */
function isPartial(options: Options): boolean {
  const lists = ['fail', 'skip', 'timeOut', 'only'].flatMap((name) => options.list(name))
  return lists.length > 0 || options.text('mock') !== undefined || options.text('from') !== undefined
}

async function knownTasks(mocks: MockedRun, { environment }: Clients) {
  const [{ createGoogleStorage }, { knownArgument }] = await Promise.all([
    import('../../steps/runtime/google-storage.ts'),
    import('../../artifact/known.ts'),
  ])
  const { project, bucket, emulator } = environment
  const storage = createGoogleStorage({ projectId: project, emulator: emulator ?? undefined })
  return knownArgument(await mocks.known(bucket, storage))
}

/** The shorter of the two ways to name a file. */
function shown(file: string): string {
  const short = relative(process.cwd(), file)
  return short.startsWith('..') ? file : short
}
