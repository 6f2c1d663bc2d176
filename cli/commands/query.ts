import { exit, type Command, type CommandInput } from '../command.ts'
import { stateOption } from './shared-options.ts'

export const queryCommand: Command = {
  name: 'query',
  summary: 'ask the local warehouse in BigQuery SQL',
  arguments: [{ name: '[sql]', description: 'a statement or a script; - reads it from the input' }],
  options: [
    stateOption,
    { flags: '--file <file>', description: 'read the statement from a file' },
    { flags: '--shell', description: 'ask again and again; .help lists its commands' },
    {
      flags: '--format <table|csv|json|parquet>',
      description: 'how to print the rows (default: table)',
    },
    { flags: '--output <file>', description: 'write the rows to a file' },
    {
      flags: '--param <name:type:value>',
      description: 'a query parameter; without a name it is positional; may be repeated',
      repeatable: true,
    },
    {
      flags: '--max-rows <n>',
      description: 'rows to read (default: 1000 for a table, otherwise all)',
    },
  ],
  examples: [
    "dag query 'SELECT genre, watched FROM anilist_dmt.genre ORDER BY watched DESC'",
    "dag query 'SELECT * FROM anilist_tru.entry WHERE day = @day' --param day:DATE:2026-03-09 --format csv",
    'dag query --file report.sql --format parquet --output report.parquet',
    'dag query --shell',
  ],
  run: query,
}

/** Rows of a table that are shown without being asked for. */
const tableRows = 1000

async function query(input: CommandInput): Promise<number> {
  const { oneOf, wholeNumber } = await import('../option-values.ts')
  const { options, output, signal } = input
  const format = oneOf(options, 'format', ['table', 'csv', 'json', 'parquet']) ?? 'table'
  const given = wholeNumber(options, 'maxRows')
  const { readQueryParameter } = await import('../query-params.ts')
  const parameters = options.list('param').map(readQueryParameter)
  const file = options.text('output')
  const { querySource, shellFormat, writeRows } = await import('../query-command.ts')
  const shell = options.flag('shell')
  const sql = shell ? null : await querySource(input.arguments[0], options.text('file'))
  if (shell) shellFormat(format, file, input.arguments[0] ?? options.text('file'))
  if (format === 'parquet' && file === undefined && output.terminal) {
    const { UserError } = await import('../../deploy/user-error.ts')
    throw new UserError('DAG602', 'Parquet is no text that a terminal could show', {
      place: '--format parquet',
      hint: 'write it to a file with --output rows.parquet',
    })
  }
  const { openConnection } = await import('../connection.ts')
  const connection = await openConnection(input)
  try {
    if (sql === null) {
      const { openShell } = await import('../query-command.ts')
      return await openShell(connection, input, {
        format: shellFormat(format, file, undefined),
        maxRows: given ?? tableRows,
        parameters,
      })
    }
    const { runQuery } = await import('../run-query.ts')
    const maxRows = given ?? (format === 'table' && file === undefined ? tableRows : undefined)
    const limit = maxRows === undefined ? {} : { maxRows }
    const result = await runQuery(connection.clients, sql, { parameters, signal, ...limit })
    await writeRows(result, format, file, output)
    return exit.success
  } finally {
    await connection.close()
  }
}
