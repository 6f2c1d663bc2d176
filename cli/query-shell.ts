import { createInterface, type Interface } from 'node:readline'
import type { Clients } from '../deploy/clients.ts'
import { UserError } from '../deploy/user-error.ts'
import { exit, type Output } from './command.ts'
import { describeFailure } from './failure.ts'
import type { QueryParameter } from './query-params.ts'
import { printRows, type TextFormat } from './rows-text.ts'
import { runQuery } from './run-query.ts'
import { isComplete, requestsOf } from './statement-input.ts'

export interface ShellOptions {
  readonly clients: Clients
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: Output
  readonly signal: AbortSignal
  readonly format: TextFormat
  readonly maxRows: number
  readonly parameters: readonly QueryParameter[]
  /** Lines of earlier sessions, newest first. */
  readonly history: readonly string[]
  saveHistory(lines: readonly string[]): void
}

const help = `.tables [DATASET]     tables and views
.schema DATASET.TABLE columns of a table
.format table|csv|json
.help
.quit                 or Ctrl-D
A statement ends with a semicolon and may span lines. Ctrl-C cancels it.`

/**
 * Reads statements and prints their rows until the input ends. On a terminal it prompts and keeps a history; a piped
 * input is a script, whose first mistake makes the exit code 1 while the rest still runs.
 */
export async function runShell(options: ShellOptions): Promise<number> {
  return new Shell(options).run()
}

class Shell {
  private readonly options: ShellOptions
  private readonly lines: Interface
  private readonly terminal: boolean
  private format: TextFormat
  private pending = ''
  private running: AbortController | null = null
  private code: number = exit.success

  constructor(options: ShellOptions) {
    this.options = options
    this.format = options.format
    this.terminal = options.input.isTTY === true
    this.lines = createInterface({
      input: options.input,
      ...(this.terminal ? { output: process.stdout, history: [...options.history] } : {}),
      terminal: this.terminal,
      historySize: 1000,
      removeHistoryDuplicates: true,
    })
  }

  async run(): Promise<number> {
    const { signal, output } = this.options
    const stop = (): void => {
      this.running?.abort()
      this.lines.close()
    }
    signal.addEventListener('abort', stop)
    this.lines.on('SIGINT', () => this.interrupt())
    this.lines.on('history', (lines: string[]) => this.options.saveHistory(lines))
    if (this.terminal) output.note('BigQuery SQL of the local warehouse; .help for help')
    try {
      this.prompt()
      for await (const line of this.lines) {
        if (await this.take(line)) break
        if (signal.aborted) break
        this.prompt()
      }
      if (this.pending.trim() !== '' && !signal.aborted) await this.send(this.pending)
    } finally {
      signal.removeEventListener('abort', stop)
      this.lines.close()
    }
    return signal.aborted ? exit.interrupted : this.code
  }

  private prompt(): void {
    if (!this.terminal) return
    this.lines.setPrompt(this.pending === '' ? 'sql> ' : '  -> ')
    this.lines.prompt()
  }

  /** Ctrl-C ends what runs, or gives up what has been typed. */
  private interrupt(): void {
    if (this.running) return this.running.abort()
    this.pending = ''
    this.options.output.out('')
    this.prompt()
  }

  /** Resolves with whether that was the end. */
  private async take(line: string): Promise<boolean> {
    if (this.pending === '' && line.trim() === '') return false
    if (this.pending === '' && line.trimStart().startsWith('.')) return this.command(line.trim())
    this.pending += `${line}\n`
    if (!isComplete(this.pending)) return false
    const text = this.pending
    this.pending = ''
    await this.send(text)
    return false
  }

  private async send(text: string): Promise<void> {
    for (const sql of requestsOf(text)) if (!(await this.query(sql, this.options.parameters))) return
  }

  /** Resolves with whether it succeeded. */
  private async query(sql: string, parameters: readonly QueryParameter[]): Promise<boolean> {
    const { clients, output, maxRows } = this.options
    this.running = new AbortController()
    try {
      const { signal } = this.running
      const limit = this.format === 'table' ? { maxRows } : {}
      const result = await runQuery(clients, sql, { parameters, signal, ...limit })
      output.out(printRows(result, this.format))
      return true
    } catch (error) {
      await this.fail(error)
      return false
    } finally {
      this.running = null
    }
  }

  private async fail(error: unknown): Promise<void> {
    this.options.output.note((await describeFailure(error)).text)
    this.code = this.terminal ? exit.success : exit.userError
  }

  private async command(line: string): Promise<boolean> {
    const [name, argument] = line.replace(/;$/, '').split(/\s+/)
    switch (name) {
      case '.quit':
      case '.exit':
        return true
      case '.help':
        this.options.output.out(help)
        return false
      case '.tables':
        await this.tables(argument)
        return false
      case '.schema':
        await this.schema(argument)
        return false
      case '.format':
        if (argument === 'table' || argument === 'csv' || argument === 'json') this.format = argument
        else await this.fail(new UserError('DAG601', '.format takes table, csv or json', { place: line }))
        return false
      default:
        await this.fail(
          new UserError('DAG605', `there is no command ${name}`, {
            place: line,
            hint: '.help lists the commands',
          }),
        )
        return false
    }
  }

  private async tables(dataset: string | undefined): Promise<void> {
    const { clients } = this.options
    const where = dataset === undefined ? '' : ' WHERE table_schema = @dataset'
    const parameters =
      dataset === undefined
        ? []
        : [
            {
              name: 'dataset',
              parameterType: { type: 'STRING' },
              parameterValue: { value: dataset },
            },
          ]
    await this.query(
      `SELECT table_schema AS dataset, table_name AS name, table_type AS type FROM \`region-${clients.environment.datasetLocation.toLowerCase()}\`.INFORMATION_SCHEMA.TABLES${where} ORDER BY 1, 2`,
      parameters,
    )
  }

  private async schema(table: string | undefined): Promise<void> {
    const [dataset, name, ...rest] = (table ?? '').replaceAll('`', '').split('.').slice(-2)
    if (dataset === undefined || name === undefined || rest.length > 0 || !/^\w+$/.test(dataset))
      return this.fail(
        new UserError('DAG601', '.schema takes a table', {
          place: '.schema',
          hint: '.schema anilist_dmt.genre',
        }),
      )
    const parameter = {
      name: 'name',
      parameterType: { type: 'STRING' },
      parameterValue: { value: name },
    }
    await this.query(
      `SELECT column_name AS name, data_type AS type, is_nullable AS nullable, is_partitioning_column AS partitions, clustering_ordinal_position AS clusters FROM \`${dataset}\`.INFORMATION_SCHEMA.COLUMNS WHERE table_name = @name ORDER BY ordinal_position`,
      [parameter],
    )
  }
}
