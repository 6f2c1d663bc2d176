import { UserError } from '../deploy/user-error.ts'

/** A refused query as a person reads it: the message, the line that it is about with a mark below, and a way out. */
export function queryProblem(sql: string, message: string, cause: unknown): UserError {
  const [, line, column] = /\bat \[?(\d+):(\d+)|$/.exec(message) ?? []
  const text = line === undefined ? undefined : sql.split('\n')[Number(line) - 1]
  const marked = text === undefined ? [] : [text, `${' '.repeat(Number(column) - 1)}^`]
  return new UserError('DAG607', [message, ...marked].join('\n'), {
    place: line === undefined ? 'the query' : `line ${line}, column ${column} of the query`,
    hint: wayOut(message),
    cause,
  })
}

function wayOut(message: string): string {
  if (message.startsWith('Unsupported in the local warehouse')) {
    return 'docs/local-bigquery.md lists what the local warehouse knows'
  }
  if (message.startsWith('Unrecognized name')) {
    return 'SELECT table_name, column_name FROM <dataset>.INFORMATION_SCHEMA.COLUMNS lists the columns'
  }
  if (/not found/i.test(message)) {
    return 'SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA lists the datasets; a run creates those of its DAG'
  }
  return 'change the query there; it is GoogleSQL, as BigQuery takes it'
}
