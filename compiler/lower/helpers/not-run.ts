import {
  assign,
  bool,
  call,
  expr,
  goto,
  int,
  map,
  nul,
  otherwise,
  param,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  when,
  type Subworkflow,
} from '../language.ts'
import { logStep } from './log.ts'
import { settled } from './settled.ts'

/**
 * The result of a task that does not run: because of the tasks above it, or because an earlier execution of the run has
 * settled it. What that one's result was stands in the ledger.
 */
export const notRun: Subworkflow = subworkflow(
  'not_run',
  [param('run'), param('task'), param('upstream', str('')), param('state', nul), param('known', str(''))],
  settled('settle', [
    step(
      'look',
      switchOn([
        when('known != ""', goto('known')),
        when('task in run.known', assign({ known: expr('run.known[task]') }, { next: 'known' })),
      ]),
    ),
    step(
      'by_rule',
      switchOn([
        when('state != null', assign({ state: expr('state') })),
        when('text.match_regex(upstream, "[=:]excluded")', assign({ state: str('skipped') })),
        when(
          'text.match_regex(upstream, "[=:](upstream_)?failed")',
          assign({ state: str('upstream_failed') }),
        ),
        otherwise(assign({ state: str('skipped') })),
      ]),
    ),
    logStep('log_not_run', 'INFO', { state: expr('state'), reason: expr('upstream') }),
    step('not_run', returns(map({ state: expr('state'), tries: int(0), reason: expr('upstream') }))),
    step(
      'known',
      switchOn([
        when(
          'known != "success"',
          returns(
            map({
              state: expr('known'),
              tries: int(0),
              reason: expr('"settled before this execution"'),
            }),
          ),
        ),
      ]),
    ),
    step('restore', assign({ name: expr('text.url_encode(run.prefix + task + "/result.json")') })),
    step(
      'read_ledger',
      call('googleapis.storage.v1.objects.get', {
        args: { bucket: expr('run.bucket'), object: expr('name') },
        result: 'kept',
      }),
    ),
    step(
      'restore_metadata',
      switchOn([
        when(
          'map.get(kept, ["metadata", "result"]) != null',
          assign({ content: expr('json.decode(kept.metadata.result)') }, { next: 'restored' }),
        ),
      ]),
    ),
    // Content type and decoding of media are not documented for connectors, so text and bytes are decoded here.
    step(
      'read_content',
      call('googleapis.storage.v1.objects.get', {
        args: { bucket: expr('run.bucket'), object: expr('name'), alt: str('media') },
        result: 'content',
      }),
    ),
    step(
      'decode_content',
      switchOn([when('get_type(content) != "map"', assign({ content: expr('json.decode(content)') }))]),
    ),
    step('restored', assign({ 'content.restored': bool(true), 'content.tries': int(0) })),
    step('restored_result', returns(expr('content'))),
  ]),
  'The result of a task that does not run: the tasks above decide so, or an earlier execution settled it.',
)
