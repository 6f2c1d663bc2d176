import {
  assign,
  expr,
  forEach,
  int,
  list,
  loopRange,
  map,
  otherwise,
  param,
  returns,
  goto,
  step,
  str,
  subworkflow,
  switchOn,
  when,
  type Subworkflow,
} from '../language.ts'
import { settled } from './settled.ts'

/** Failed instances that a result names. */
const namedIndexes = 20

/**
 * What became of all instances together. Those that the workflow lost on the way failed. `parts` names the states that
 * are there, as the trigger rules of tasks below look at them; failures that are tolerated do not stand in it.
 */
export const instancesResult: Subworkflow = subworkflow(
  'instances_result',
  [param('name'), param('ended'), param('count'), param('tolerated', int(0)), param('error')],
  settled('summarise', [
    step(
      'count_ends',
      assign([
        ['counts', expr('ended.counts')],
        ['success', expr('default(map.get(counts, "success"), 0)')],
        ['skipped', expr('default(map.get(counts, "skipped"), 0)')],
        ['blocked', expr('default(map.get(counts, "upstream_failed"), 0)')],
        ['cancelled', expr('default(map.get(counts, "cancelled"), 0)')],
        ['failed', expr('default(map.get(counts, "failed"), 0)')],
        [
          'lost',
          expr('if(error == null, 0, math.max(count, 1) - success - skipped - blocked - cancelled - failed)'),
        ],
        ['failed', expr('failed + lost')],
        // What the workflow itself lost is nothing that an author meant to tolerate.
        ['most', expr('if(lost == 0, tolerated, -1)')],
        ['failures', expr('if(failed + blocked <= most, 0, failed)')],
        ['blocked', expr('if(failed + blocked <= most, 0, blocked)')],
        ['others', expr('failures + blocked + cancelled + skipped')],
        [
          'parts',
          expr(
            [
              'if(success > 0 or others == 0, ", " + name + "=success", "")',
              'if(failures > 0, ", " + name + "=failed", "")',
              'if(blocked > 0, ", " + name + "=upstream_failed", "")',
            ].join(' + '),
          ),
        ],
        [
          'parts',
          expr(
            'parts + if(cancelled > 0, ", " + name + "=cancelled", "") + if(skipped > 0, ", " + name + "=skipped", "")',
          ),
        ],
        [
          'result',
          map({
            state: expr(
              'if(failures > 0, "failed", if(blocked > 0, "upstream_failed", if(cancelled > 0, "cancelled", if(success > 0 or others == 0, "success", "skipped"))))',
            ),
            tries: expr('ended.tries'),
            count: expr('count'),
            counts: expr('counts'),
            parts: expr('text.substring(parts, 2, len(parts))'),
          }),
        ],
      ]),
    ),
    step(
      'look_at_count',
      switchOn([
        when(
          'count == 0 and failed == 0',
          returns(
            map({ state: expr('result.state'), tries: int(0), reason: expr('map.get(ended, "reason")') }),
          ),
        ),
        when('failed == 0', goto('result')),
      ]),
    ),
    step(
      'first_error',
      switchOn([
        when(
          'lost > 0',
          assign({
            'result.counts.failed': expr('failed'),
            'result.error': map({ code: str('workflow_error'), message: expr('error') }),
          }),
        ),
        otherwise(assign({ 'result.error': expr('ended.first.error') })),
      ]),
    ),
    // It was not expanded: whoever reads a list of what its instances gave finds that there is none.
    step(
      'look_at_instances',
      switchOn([
        when(
          'count == 0',
          returns(map({ state: str('failed'), tries: expr('result.tries'), error: expr('result.error') })),
        ),
      ]),
    ),
    step('start_naming', assign({ indexes: list([]) })),
    step(
      'name_failed',
      forEach(
        loopRange('index', '[0, math.max(count - 1, 0)]', [
          step(
            'look_at_index',
            switchOn([
              when(`len(indexes) >= ${namedIndexes}`, goto('break')),
              when('index in ended.failed', assign({ indexes: expr('list.concat(indexes, index)') })),
            ]),
          ),
        ]),
      ),
    ),
    step('named', assign({ 'result.failed_indexes': expr('indexes') })),
    step('result', returns(expr('result'))),
  ]),
  'What became of all instances of a mapped task together.',
)
