import { exit, type Command, type CommandInput } from '../command.ts'
import { stateOption } from './shared-options.ts'

export const queryCommand: Command = {
  name: 'query',
  summary: 'ask the local warehouse in BigQuery SQL',
  arguments: [{ name: '<sql>', description: 'one statement' }],
  options: [
    stateOption,
    { flags: '--format <table|json|csv>', description: 'how to print the rows (default: table)' },
  ],
  examples: ["dag query 'SELECT genre, watched FROM anilist_dmt.genre ORDER BY watched DESC'"],
  run: query,
}

async function query(input: CommandInput): Promise<number> {
  const { oneOf } = await import('../option-values.ts')
  const format = oneOf(input.options, 'format', ['table', 'json', 'csv']) ?? 'table'
  const { openConnection } = await import('../connection.ts')
  const connection = await openConnection(input)
  try {
    const [{ runQuery }, { printRows }] = await Promise.all([
      import('../run-query.ts'),
      import('../rows-text.ts'),
    ])
    const result = await runQuery(connection.clients, input.arguments[0] ?? '')
    input.output.out(printRows(result, format))
    return exit.success
  } finally {
    await connection.close()
  }
}
