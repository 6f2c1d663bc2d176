import { column, model, tableText, type Model } from '../../dsl/index.ts'
import { literal } from './literal.ts'

/** Dataset of the tables that dagwright itself keeps for a DAG. */
export function opsDataset(dag: string): string {
  return `${dag}_ops`
}

/** `load` in SQL. */
export function loadTableText(dag: string): string {
  return tableText({ kind: 'table', dataset: opsDataset(dag), table: 'load' })
}

const { array, date, int64, required, string, struct, timestamp } = column

/** One row for each time that a model was built: how many rows, how many refused, what its tests said. */
export function loadTable(dag: string): Model {
  return model({
    layer: 'dmt',
    dataset: opsDataset(dag),
    table: 'load',
    description: `Models that runs of ${dag} have built, with what their tests said`,
    columns: {
      run_id: required(string('Run')),
      load_id: required(string('Run and execution')),
      model: required(string('Table that was built, as dataset.table')),
      reference_date: required(date('Day of the logical date in the time zone of the DAG')),
      interval_start: timestamp('First moment of the interval of the run'),
      interval_end: timestamp('First moment after it'),
      state: required(string('written, or stopped by a test')),
      rows: int64('Rows that the SELECT gave; null for a script'),
      rejected: int64('Rows that a rule refused'),
      tests: array(
        struct('Quality tests', {
          test: string('What was tested'),
          severity: string('stop or warn'),
          failing: int64('Rows that failed; 0 is passed'),
        }),
      ),
      loaded_at: timestamp('When the execution started'),
    },
    primaryKey: ['load_id', 'model'],
    partitionBy: 'reference_date',
    clusterBy: ['model'],
    retentionDays: 2 * 365,
  })
}

/** Writes the row of a load. */
export function insertLoad(
  dag: string,
  built: string,
  { state, rows, rejected }: { state: 'written' | 'stopped'; rows: string; rejected: string },
): string {
  return `INSERT INTO ${loadTableText(dag)} (
  run_id, load_id, model, reference_date, interval_start, interval_end, state, \`rows\`, rejected, tests, loaded_at)
VALUES (
  _run_id, _run_load_id, ${literal(built)}, _run_date, _run_interval_start, _run_interval_end, '${state}',
  ${rows}, ${rejected}, _tests, _run_time);`
}
