import { type WarehouseProblem, WarehouseError } from '../warehouse.ts'

/** The service tells about the first few rows only. */
const told = 5

/** The rows of a load job that are refused: counted, the first of them kept with what is wrong. */
export class BadRows {
  readonly #format: 'CSV' | 'JSON'
  readonly #allowed: number
  readonly #problems: WarehouseProblem[] = []
  count = 0
  /** Rows read so far, good and bad. */
  rows = 0

  constructor(format: 'CSV' | 'JSON', allowed: number) {
    this.#format = format
    this.#allowed = allowed
  }

  get tooMany(): boolean {
    return this.count > this.#allowed
  }

  add(message: string, file: string): void {
    this.count++
    if (this.#problems.length < told)
      this.#problems.push({
        reason: 'invalid',
        location: file,
        message: `Error while reading data, error message: ${message} File: ${file}`,
      })
  }

  get problems(): readonly WarehouseProblem[] {
    return this.#problems
  }

  /**
   * What the job fails with: the file where it gave up, the counts, then the rows.
   * https://cloud.google.com/bigquery/docs/loading-data#load-job-errors
   */
  failure(): WarehouseError {
    const { rows, count } = this
    const name = this.#format
    const [first] = this.#problems
    const location = first?.location === undefined ? {} : { location: first.location }
    const percent = rows === 0 ? 0 : Math.floor((100 * count) / rows) / 100
    const given = `giving up. Rows: ${rows}; errors: ${count}`
    return new WarehouseError(
      {
        reason: 'invalid',
        ...location,
        message: `Error while reading data, error message: ${name} table encountered too many errors, ${given}. Please look into the errors[] collection for more details.${first?.location === undefined ? '' : ` File: ${first.location}`}`,
      },
      [
        {
          reason: 'invalid',
          message: `Error while reading data, error message: ${name} processing encountered too many errors, ${given}; max bad: ${this.#allowed}; error percent: ${percent}`,
        },
        ...this.#problems,
      ],
    )
  }
}
