import { z } from 'zod'
import type { DagDefinition, Schedule } from '../../dsl/index.ts'
import { cronSets, longestGapDays } from '../../dsl/cron-fields.ts'
import { isUtc, lastTick, narrowDown } from './last-tick.ts'
import {
  assign,
  block,
  call,
  expr,
  goto,
  json,
  map,
  returns,
  step,
  subworkflow,
  switchOn,
  when,
  type Step,
  type Subworkflow,
  type Value,
} from './language.ts'
import { quoted } from './value.ts'

/** How `main` begins, and the routines that it needs for that. */
export interface RunResolution {
  readonly steps: readonly Step[]
  readonly subworkflows: readonly Subworkflow[]
}

/** What the run argument holds in any case once it is resolved, besides `params`; docs/architecture.md, "Run argument". */
const fields = ['run_id', 'logical_date', 'interval_start', 'interval_end']

/**
 * Completes the run argument of an execution that Cloud Scheduler or a person started, with the last complete interval
 * of the schedule, or with the one that a given logical date lies in. Without a schedule the logical date is now.
 * `args` of `main` then holds all of the run argument; an argument that is complete stays as it is.
 */
export function resolveRun({ schedule, params }: Pick<DagDefinition, 'schedule' | 'params'>): RunResolution {
  const missing = fields.map((field) => `map.get(args, ${quoted(field)}) == null`).join(' or ')
  const complete = step(
    'complete_run',
    call('resolve_run', { args: { given: expr('args') }, result: 'args' }),
  )
  return {
    steps: [step('resolve_run', switchOn([when(missing, block([complete]))]))],
    subworkflows: [
      subworkflow(
        'resolve_run',
        ['given'],
        [
          step(
            'read_argument',
            assign({
              given: expr('default(given, json.decode("{}"))'),
              trigger: expr('default(map.get(given, "trigger"), "manual")'),
              logical_date: expr('map.get(given, "logical_date")'),
            }),
          ),
          ...(schedule === null ? moment : interval(schedule)),
          ...describeRun(params),
        ],
        'The run argument, with what was missing in it.',
      ),
      ...(schedule === null ? [] : lastTick(schedule)),
      localText(schedule),
    ],
  }
}

/** Without a schedule a run has a logical date and an empty interval. */
const moment: readonly Step[] = [
  step(
    'take_moment',
    assign([
      ['at', expr('int(time.parse(default(logical_date, time.format(sys.now()))))')],
      ['start', expr('at')],
      ['end', expr('at')],
    ]),
  ),
]

/** With a date, the interval ends where the last tick stops being its start: that is found by halving. */
function interval({ cron }: Schedule): readonly Step[] {
  return [
    step('has_date', switchOn([when('logical_date != null', goto('take_date'))])),
    step(
      'last_interval',
      assign(
        [
          ['end', expr('last_tick(int(sys.now()) // 60 * 60)')],
          ['start', expr('last_tick(end - 60)')],
          ['at', expr('start')],
        ],
        { next: 'describe_run' },
      ),
    ),
    step(
      'take_date',
      assign([
        ['at', expr('int(time.parse(logical_date))')],
        ['start', expr('last_tick(at // 60 * 60)')],
        ['low', expr('start')],
        ['end', expr(`start + ${longestGapDays(cronSets(cron)) * 86400}`)],
      ]),
    ),
    ...narrowDown({ high: 'end', flag: 'within', test: 'last_tick(middle) == start' }),
  ]
}

/** Labels take no colons and no upper case; docs/glossary.md, "run id". */
function describeRun(params: z.ZodObject): readonly Step[] {
  const given = (field: string, value: string) => expr(`default(map.get(given, ${quoted(field)}), ${value})`)
  const label = 'text.replace_all(text.to_lower(text.substring(time.format(at), 0, 19)), ":", "-")'
  const run = {
    run_id: given('run_id', `trigger + "__" + ${label} + "z"`),
    trigger: expr('trigger'),
    logical_date: expr('local_text(at)'),
    interval_start: given('interval_start', 'local_text(start)'),
    interval_end: given('interval_end', 'local_text(end)'),
  }
  const defaults = paramDefaults(params)
  const all = expr('map.merge(params, default(map.get(given, "params"), json.decode("{}")))')
  const described: readonly (readonly [string, Value])[] =
    Object.keys(defaults).length === 0
      ? [['run', map(run)]]
      : [
          ['params', json(defaults)],
          ['run', map({ ...run, params: all })],
        ]
  return [step('describe_run', assign(described)), step('resolved', returns(expr('map.merge(given, run)')))]
}

/** RFC 3339 to the second, in the DAG's time zone. */
function localText(schedule: Schedule | null): Subworkflow {
  const zone = schedule === null || isUtc(schedule.timeZone) ? '' : `, ${quoted(schedule.timeZone)}`
  const shown = `time.format(t${zone})`
  return subworkflow(
    'local_text',
    ['t'],
    [
      step(
        'shown',
        returns(
          expr(
            `text.substring(${shown}, 0, 19) + text.replace_all(text.substring(${shown}, 26, 32), "Z", "+00:00")`,
          ),
        ),
      ),
    ],
    'A moment as RFC 3339, to the second.',
  )
}

/** What params are that nobody gives. */
function paramDefaults(params: z.ZodObject): Readonly<Record<string, unknown>> {
  const { properties = {} } = z.toJSONSchema(params, { io: 'input' })
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) =>
      typeof schema === 'object' && schema.default !== undefined ? [[name, schema.default]] : [],
    ),
  )
}
