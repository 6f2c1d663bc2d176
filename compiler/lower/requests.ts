import { largeInputTest } from './input-size.ts'
import {
  assign,
  bool,
  expr,
  int,
  list,
  map,
  returns,
  step,
  str,
  subworkflow,
  type Subworkflow,
  type Value,
} from './language.ts'

/** Helpers that put the requests of tasks together. They only compute: no call of a service stands in them. */

/** Names of a task's objects; docs/architecture.md, "Names". */
export const taskFiles: Subworkflow = subworkflow(
  'task_files',
  ['run', 'task', 'try'],
  [
    step(
      'name_files',
      assign({
        attempt: expr('run.execution + "-" + string(try)'),
        folder: expr('run.prefix + task + "/0/"'),
      }),
    ),
    step(
      'files',
      returns(
        map({
          attempt: expr('attempt'),
          input: expr('text.url_encode(folder + attempt + "/input.json")'),
          output: expr('text.url_encode(folder + attempt + "/output.json")'),
          success: expr('text.url_encode(folder + "success.json")'),
        }),
      ),
    ),
  ],
  "Names of the objects of a task's try, as connectors take them.",
)

const context = map({
  dag: expr('run.dag'),
  run_id: expr('run.run_id'),
  logical_date: expr('run.logical_date'),
  interval_start: expr('run.interval_start'),
  interval_end: expr('run.interval_end'),
  date: expr('run.date'),
  now: expr('run.now'),
  task: expr('task'),
  map_index: int(0),
  execution: expr('run.execution'),
  try: expr('try'),
  trace_id: expr('run.trace_id'),
})

/** The overrides of a Cloud Run job for one try; docs/architecture.md, "Step protocol". */
export const jobRequest: Subworkflow = subworkflow(
  'job_request',
  ['run', 'task', 'try', 'files', 'input', 'timeout'],
  [
    step(
      'collect',
      assign([
        ['context', context],
        ['root', expr('"gs://" + run.bucket + "/"')],
        ['input_json', expr('json.encode_to_string(input)')],
        ['large', expr(largeInputTest('input_json'))],
      ]),
    ),
    step(
      'request',
      returns(
        map({
          overrides: map({
            timeout: expr('timeout'),
            containerOverrides: list([
              map({
                env: list([
                  map({
                    name: expr('if(large, "DAG_INPUT_URI", "DAG_INPUT")'),
                    value: expr('if(large, root + text.url_decode(files.input), input_json)'),
                  }),
                  map({ name: str('DAG_OUTPUT_URI'), value: expr('root + text.url_decode(files.output)') }),
                  map({ name: str('DAG_RUN'), value: expr('json.encode_to_string(context)') }),
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

/** The query job that calls a model's procedure with the values of the run. */
export const modelRequest: Subworkflow = subworkflow(
  'model_request',
  ['run', 'task', 'job_id', 'procedure', 'timeout_ms'],
  [
    step(
      'request',
      returns(
        map({
          jobReference: map({
            projectId: expr('run.project'),
            jobId: expr('job_id'),
            location: expr('run.dataset_location'),
          }),
          configuration: map({
            jobTimeoutMs: expr('timeout_ms'),
            labels: map({ dag: expr('run.dag'), task: expr('task'), run_id: expr('run.run_id') }),
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
