import {
  assign,
  block,
  bool,
  call,
  except,
  expr,
  forEach,
  goto,
  int,
  list,
  loopIn,
  map,
  nul,
  otherwise,
  param,
  retry,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Step,
  type StepBody,
  type Subworkflow,
} from '../language.ts'
import { tryFile } from '../run-objects.ts'
import { connectorGraceSeconds } from '../tasks/step.ts'

/**
 * Hooks: who is told how a run or a task ended. None of these helpers raises, and what goes wrong with a hook is logged:
 * the states stand before anybody is told.
 */

/** How long the container may take. */
export const notifySeconds = 60

/** Failed tasks that an event names with their errors; the text of a message and the memory of a workflow are bounded. */
const mostNamed = 20

/** Characters of their messages: the event, which says it twice, goes to a container as one variable. */
const mostCharacters = 150

/** Overload passes within seconds or is not waited for: what comes after a task waits for its hooks. */
const shortRetry = retry({
  predicate: 'http.default_retry_predicate',
  maxRetries: int(2),
  initialDelay: int(1),
  maxDelay: int(4),
  multiplier: int(2),
})

const consoleLink = [
  '"https://console.cloud.google.com/workflows/workflow/" + sys.get_env("GOOGLE_CLOUD_LOCATION")',
  '"/" + sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID") + "/execution/" + run.execution',
  '"/summary?project=" + run.project',
].join(' + ')

/** What every event says. https://console.cloud.google.com shows the execution behind the link. */
const about = {
  dag: expr('run.dag'),
  run_id: expr('run.run_id'),
  logical_date: expr('run.logical_date'),
}

/** What hooks of a run are told. */
export const runEvent: Subworkflow = subworkflow(
  'event_of_run',
  ['run', 'summary'],
  orElse(
    [
      step(
        'start_event',
        assign([
          ['ids', expr('default(map.get(summary, "failed"), [])')],
          ['failed', list([])],
          ['text', expr('"DAG " + run.dag + " " + if(summary.state == "failed", "failed", "succeeded")')],
          ['text', expr('text + ": " + run.run_id')],
          ['link', expr(consoleLink)],
        ]),
      ),
      step(
        'name_failed',
        forEach(
          loopIn('id', expr('ids'), [
            step('enough', switchOn([when(`len(failed) >= ${mostNamed}`, goto('break'))])),
            step(
              'describe',
              assign([
                [
                  'error',
                  map({
                    task: expr('id'),
                    code: expr(errorField('code')),
                    message: expr(`text.substring(${errorField('message')}, 0, ${mostCharacters})`),
                  }),
                ],
                ['failed', expr('list.concat(failed, error)')],
                ['text', expr('text + "\\n" + id + ": " + error.message')],
              ]),
            ),
          ]),
        ),
      ),
      step(
        'event',
        returns(
          map({
            ...about,
            task: nul,
            map_index: nul,
            state: expr('summary.state'),
            failed: expr('failed'),
            failed_count: expr('len(ids)'),
            execution: expr('link'),
            text: expr('text + "\\n" + link'),
          }),
        ),
      ),
    ],
    'summary',
  ),
  'What hooks are told of a run.',
)

function errorField(field: string): string {
  return `default(map.get(summary.tasks, [id, "error", "${field}"]), "unknown")`
}

/** What hooks of a task are told. */
export const taskEvent: Subworkflow = subworkflow(
  'event_of_task',
  ['run', 'task', 'result'],
  orElse(
    [
      step(
        'start_event',
        assign([
          ['id', expr('text.split(task, "/")[0]')],
          ['failed', list([])],
          ['words', expr('"task " + id + " of DAG " + run.dag + " "')],
          ['words', expr('words + if(result.state == "failed", "failed", "succeeded") + ": " + run.run_id')],
          ['link', expr(consoleLink)],
        ]),
      ),
      step(
        'describe',
        switchOn([
          when(
            'map.get(result, "error") != null',
            assign([
              [
                'error',
                map({
                  task: expr('id'),
                  code: expr('result.error.code'),
                  message: expr('result.error.message'),
                }),
              ],
              ['failed', expr('list.concat(failed, error)')],
              ['words', expr('words + "\\n" + error.message')],
            ]),
          ),
        ]),
      ),
      step(
        'event',
        returns(
          map({
            ...about,
            task: expr('id'),
            map_index: expr('int(text.split(task, "/")[1])'),
            state: expr('result.state'),
            failed: expr('failed'),
            failed_count: expr('len(failed)'),
            execution: expr('link'),
            text: expr('words + "\\n" + link'),
          }),
        ),
      ),
    ],
    'result',
  ),
  'What hooks are told of a task.',
)

/** The little that is known in any case, should the event not be put together. */
function orElse(body: readonly Step[], ended: string): readonly Step[] {
  const state = expr(`map.get(${ended}, "state")`)
  const least = map({ ...about, state, text: expr('"DAG " + run.dag + ": " + run.run_id') })
  return [
    step('put_together', tryBody(block(body), { except: except('e', [step('least', returns(least))]) })),
  ]
}

/** Publishes the event; attributes are what subscriptions filter by. */
export const tellTopic: Subworkflow = subworkflow(
  'tell_topic',
  ['run', 'event', 'topic'],
  told(
    'publish',
    call('googleapis.pubsub.v1.projects.topics.publish', {
      args: {
        topic: expr('"projects/" + run.project + "/topics/" + topic'),
        body: map({
          messages: list([
            map({
              data: expr('base64.encode(json.encode(event))'),
              attributes: map({
                dag: expr('run.dag'),
                run_id: expr('run.run_id'),
                state: expr('event.state'),
              }),
            }),
          ]),
        }),
      },
    }),
    '"topic " + topic',
  ),
  'Publishes an event to a Pub/Sub topic.',
)

/** `{"text": …}` where a chat is told; the whole event otherwise. */
const chooseBody: Step = step(
  'choose_body',
  switchOn([
    when('chat', assign({ body: map({ text: expr('event.text') }) })),
    otherwise(assign({ body: expr('event') })),
  ]),
)

function tellAddress(name: string, signed: boolean): Subworkflow {
  return subworkflow(
    name,
    [param('run'), param('event'), param('url'), param('chat', bool(false))],
    told(
      'post',
      block([
        chooseBody,
        step(
          'send',
          call('http.post', {
            args: {
              url: expr('url'),
              ...(signed && { auth: map({ type: str('OIDC') }) }),
              body: expr('body'),
              timeout: int(30),
            },
          }),
        ),
      ]),
      '"webhook " + url',
    ),
    'Posts an event to an address.',
  )
}

export const tellPlainAddress: Subworkflow = tellAddress('tell_address', false)
export const tellSignedAddress: Subworkflow = tellAddress('tell_address_signed', true)

/** Posts from a container, the built-in step `dagwright/notify`: the address never enters the workflow. */
export const tellSecretAddress: Subworkflow = subworkflow(
  'tell_secret_address',
  [
    ...['run', 'event', 'about', 'number', 'job', 'variable'].map((name) => param(name)),
    param('chat', bool(false)),
  ],
  told(
    'post',
    block([
      chooseBody,
      step(
        'choose_input',
        assign({
          input: map({ variable: expr('variable'), body: expr('body') }),
          'run.try': expr('number'),
          'run.file': expr(tryFile('number')),
        }),
      ),
      step(
        'run_notify',
        call('googleapis.run.v2.projects.locations.jobs.run', {
          args: {
            name: expr('job'),
            body: expr(`job_request(run, about, input, ${notifySeconds})`),
            connector_params: map({ timeout: int(notifySeconds + connectorGraceSeconds) }),
          },
        }),
      ),
    ]),
    '"webhook in " + variable',
  ),
  'Posts an event to an address that is a secret.',
)

function told(name: string, body: Parameters<typeof tryBody>[0], what: string): readonly Step[] {
  const log: StepBody = call('sys.log', {
    args: {
      severity: str('WARNING'),
      json: map({
        dag: expr('run.dag'),
        run_id: expr('run.run_id'),
        task: expr('map.get(event, "task")'),
        map_index: expr('map.get(event, "map_index")'),
        code: str('hook_failed'),
        message: expr(`${what} + " was not told: " + describe_error(e, null, true, false).message`),
      }),
    },
  })
  return [step(name, tryBody(body, { retry: shortRetry, except: except('e', [step('hook_failed', log)]) }))]
}
