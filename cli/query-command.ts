import { readFileSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { UserError } from '../deploy/user-error.ts'
import type { CommandInput, Output } from './command.ts'
import type { Connection } from './connection.ts'
import { runShell, type ShellOptions } from './query-shell.ts'
import { printRows, type TextFormat } from './rows-text.ts'
import type { QueryResult } from './run-query.ts'

/** The SQL of one of its places. */
export async function querySource(argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined)
    throw new UserError('DAG602', 'both a statement and --file are given', {
      place: `--file ${file}`,
      hint: 'give one of them',
    })
  if (argument === '-') return text(process.stdin)
  if (argument !== undefined) return argument
  if (file === undefined)
    throw new UserError('DAG602', 'no statement is given', {
      place: 'dag query',
      hint: "dag query 'SELECT 1', --file FILE, - for the input, or --shell",
    })
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UserError('DAG604', 'the file cannot be read', {
      place: `--file ${file}`,
      hint: 'check its name',
      cause: error,
    })
  }
}

/** The shell prints; it takes neither a statement nor a file, and no binary format. */
export function shellFormat(
  format: TextFormat | 'parquet',
  output: string | undefined,
  sql: string | undefined,
): TextFormat {
  const what = format === 'parquet' ? '--format parquet' : output === undefined ? sql : '--output'
  if (what !== undefined || format === 'parquet')
    throw new UserError('DAG602', `--shell and ${what} exclude each other`, {
      place: '--shell',
      hint: 'leave --shell out to run one statement',
    })
  return format
}

/** Prints the rows, or writes them to a file and says how many. */
export async function writeRows(
  result: QueryResult,
  format: TextFormat | 'parquet',
  file: string | undefined,
  output: Output,
): Promise<void> {
  const written = `${result.rows.length} row${result.rows.length === 1 ? '' : 's'}`
  if (format === 'parquet') {
    if (result.fields.length === 0)
      throw new UserError('DAG602', 'the statement has no rows to write', {
        place: '--format parquet',
        hint: 'leave --format out',
      })
    const { parquetFile } = await import('./query-parquet.ts')
    const bytes = await parquetFile(result)
    if (file === undefined) return output.bytes(bytes)
    await save(file, bytes)
  } else {
    const printed = printRows(result, format)
    if (file === undefined) return output.out(printed)
    await save(file, `${printed}\n`)
  }
  output.note(`${written} in ${file}`)
}

async function save(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, data)
  } catch (error) {
    throw new UserError('DAG604', 'the file cannot be written', {
      place: `--output ${file}`,
      hint: 'choose a file in a folder that exists',
      cause: error,
    })
  }
}

type Settings = Pick<ShellOptions, 'format' | 'maxRows' | 'parameters'>

/** The shell on this process's input, with a history in the state folder. */
export function openShell(
  connection: Connection,
  { output, signal }: CommandInput,
  settings: Settings,
): Promise<number> {
  const path = join(connection.state, 'query-history')
  return runShell({
    ...settings,
    clients: connection.clients,
    input: process.stdin,
    output,
    signal,
    history: readHistory(path),
    saveHistory: (lines) => writeFileSync(path, lines.map((line) => `${line}\n`).join('')),
  })
}

function readHistory(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch {
    return []
  }
}
