import {
  bool,
  expr,
  int,
  list,
  map,
  param,
  returns,
  step,
  str,
  subworkflow,
  type Subworkflow,
  type Value,
} from '../language.ts'
import { inputFile } from '../run-objects.ts'

/** Helpers that put the requests of tasks together. They only compute: no call of a service stands in them. */

const taskFolder = '"gs://" + run.bucket + "/" + run.prefix + task'

/**
 * DAG_RUN: what belongs to the try, in front of what belongs to the run, whose JSON text stands in `run.context` from its
 * first key on.
 */
const context = [
  '"{\\"task\\":\\"" + text.split(task, "/")[0] + "\\",\\"map_index\\":" + text.split(task, "/")[1]',
  '",\\"try\\":" + string(run.try)',
  '",\\"key\\":\\"" + run.dag + "/" + run.run_id + "/" + task + "\\"," + run.context',
].join(' + ')

/** The overrides of a Cloud Run job for one try, whose input stands in an object where it is `large`; docs/architecture.md, "Step protocol". */
export const jobRequest: Subworkflow = subworkflow(
  'job_request',
  [...['run', 'task', 'input', 'timeout'].map((name) => param(name)), param('large', bool(false))],
  [
    step(
      'request',
      returns(
        map({
          overrides: map({
            timeout: expr('string(timeout) + "s"'),
            containerOverrides: list([
              map({
                env: list([
                  map({
                    name: expr('if(large, "DAG_INPUT_URI", "DAG_INPUT")'),
                    value: expr(`if(large, ${taskFolder} + ${inputFile}, json.encode_to_string(input))`),
                  }),
                  map({ name: str('DAG_OUTPUT_URI'), value: expr(`${taskFolder} + run.file`) }),
                  map({ name: str('DAG_RUN'), value: expr(context) }),
                ]),
              }),
            ]),
          }),
        }),
      ),
    ),
  ],
  'What a Cloud Run job is told for one try of a task.',
)

/** Arguments that every procedure takes; docs/architecture.md, "Model tasks". */
export const procedureParameters = [
  { name: 'run_id', type: 'STRING', value: 'run.run_id' },
  { name: 'load_id', type: 'STRING', value: 'run.run_id + "/" + run.execution' },
  { name: 'reference_date', type: 'DATE', value: 'run.date' },
  { name: 'logical_date', type: 'TIMESTAMP', value: 'run.logical_date' },
  { name: 'interval_start', type: 'TIMESTAMP', value: 'run.interval_start' },
  { name: 'interval_end', type: 'TIMESTAMP', value: 'run.interval_end' },
  { name: 'run_time', type: 'TIMESTAMP', value: 'run.now' },
  { name: 'params', type: 'STRING', value: 'json.encode_to_string(run.params)' },
] as const

const parameterNames = procedureParameters.map(({ name }) => `@${name}`).join(', ')

/** Every try has a job id of its own; docs/architecture.md, "Names". */
const modelJobId =
  'run.dag + "__" + text.replace_all(task, "/", "__") + "__" + run.run_id + "__" + run.execution + "-" + run.try'

/** The query job that calls a model's procedure with the values of the run. */
export const modelRequest: Subworkflow = subworkflow(
  'model_request',
  ['run', 'task', 'procedure', 'timeout'],
  [
    step(
      'request',
      returns(
        map({
          jobReference: map({
            projectId: expr('run.project'),
            jobId: expr(modelJobId),
            location: expr('run.dataset_location'),
          }),
          configuration: map({
            jobTimeoutMs: expr('string(timeout * 1000)'),
            labels: map({
              dag: expr('run.dag'),
              task: expr('text.split(task, "/")[0]'),
              run_id: expr('run.run_id'),
            }),
            query: map({
              query: expr(`"CALL \`" + procedure + "\`(${parameterNames})"`),
              useLegacySql: bool(false),
              parameterMode: str('NAMED'),
              queryParameters: queryParameters(),
            }),
          }),
        }),
      ),
    ),
  ],
  'The BigQuery job that builds a table.',
)

function queryParameters(): Value {
  return list(
    procedureParameters.map(({ name, type, value }) =>
      map({
        name: str(name),
        parameterType: map({ type: str(type) }),
        parameterValue: map({ value: expr(value) }),
      }),
    ),
  )
}

/**
 * A query for a partition that holds rows; its id is the day without hyphens.
 * https://cloud.google.com/bigquery/docs/information-schema-partitions
 */
export const partitionQuery: Subworkflow = subworkflow(
  'partition_query',
  ['run', 'task', 'dataset', 'table', 'day'],
  [
    step(
      'request',
      returns(
        map({
          query: expr(
            `"SELECT total_rows FROM \`" + run.project + "." + dataset + ".INFORMATION_SCHEMA.PARTITIONS\` WHERE table_name = @table_name AND partition_id = @partition_id AND total_rows > 0"`,
          ),
          useLegacySql: bool(false),
          location: expr('run.dataset_location'),
          timeoutMs: int(60_000),
          labels: map({
            dag: expr('run.dag'),
            task: expr('text.split(task, "/")[0]'),
            run_id: expr('run.run_id'),
          }),
          parameterMode: str('NAMED'),
          queryParameters: list([
            textParameter('table_name', 'table'),
            textParameter('partition_id', 'text.replace_all(day, "-", "")'),
          ]),
        }),
      ),
    ),
  ],
  'The query for a partition that holds rows.',
)

function textParameter(name: string, value: string): Value {
  return map({
    name: str(name),
    parameterType: map({ type: str('STRING') }),
    parameterValue: map({ value: expr(value) }),
  })
}
