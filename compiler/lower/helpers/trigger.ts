import { assign, expr, map, returns, step, str, subworkflow, type Subworkflow } from '../language.ts'

/** A text as the value of a label: lower case, digits, `_` and `-`, at most 63; what is too long ends in a hash. */
export const labelOf: Subworkflow = subworkflow(
  'label_of',
  ['given'],
  [
    step(
      'shorten',
      assign([
        ['label', expr('text.replace_all_regex(text.to_lower(given), "[^a-z0-9_-]", "-")')],
        ['digest', expr('base64.encode(hash.compute_checksum(text.encode(given), "SHA256"))')],
        ['digest', expr('text.replace_all_regex(text.to_lower(digest), "[^a-z0-9]", "")')],
        ['short', expr('text.substring(label, 0, 46) + "-" + text.substring(digest, 0, 16)')],
      ]),
    ),
    step('label', returns(expr('if(len(label) <= 63, label, short)'))),
  ],
  'A text as the value of a label.',
)

/** An execution of another DAG's workflow: its argument, and the labels that runs are found by. */
export const triggerRequest: Subworkflow = subworkflow(
  'trigger_request',
  ['dag', 'child_run', 'given', 'run', 'task'],
  [
    step(
      'whole_date',
      assign([
        ['date', expr('default(given.logical_date, run.logical_date)')],
        // A day alone is that day at the time of this run's own date.
        ['date', expr('if(len(date) == 10, date + text.substring(run.logical_date, 10, 100), date)')],
        [
          'argument',
          map({
            run_id: expr('child_run'),
            trigger: str('triggered'),
            logical_date: expr('date'),
            params: expr('given.params'),
            // Who cancels this run finds the other one by it.
            parent: expr('run.dag + "/" + run.run_id + "/" + task'),
          }),
        ],
      ]),
    ),
    step(
      'request',
      returns(
        map({
          argument: expr('json.encode_to_string(argument)'),
          labels: map({
            dag: expr('dag'),
            run_id: expr('child_run'),
            trigger: str('triggered'),
            logical_date: expr('label_of(date)'),
          }),
        }),
      ),
    ),
  ],
  'The execution that a trigger starts.',
)
