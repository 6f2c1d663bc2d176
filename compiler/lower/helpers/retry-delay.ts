import {
  assign,
  expr,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  when,
  type Subworkflow,
} from '../language.ts'

/** Letters of base64 by their value: a letter's place is a number of 6 bits. */
const base64Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * Seconds before the next try. As Airflow's: constant, or growing by a factor with up to the same again on top, by a hash
 * of what is tried; here the map index counts too, and the cap holds in both cases.
 * https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html
 */
export const retryDelay: Subworkflow = subworkflow(
  'retry_delay',
  ['run', 'task', 'try', 'policy'],
  [
    step(
      'base',
      assign({ base: expr('policy.delays[if(try < len(policy.delays), try, len(policy.delays)) - 1]') }),
    ),
    step('constant', switchOn([when('not("most" in policy)', returns(expr('base')))])),
    step(
      'hash',
      assign([
        ['key', expr('run.dag + "#" + task + "#" + run.logical_date + "#" + string(try)')],
        ['digest', expr('base64.encode(hash.compute_checksum(text.encode(key), "SHA256"))')],
        ['letters', str(base64Letters)],
        ['high', expr('text.find_all(letters, text.substring(digest, 0, 1))[0]')],
        ['low', expr('text.find_all(letters, text.substring(digest, 1, 2))[0]')],
        // 0 to 4095 of 4096
        ['delay', expr('base + base * (high * 64 + low) / 4096')],
      ]),
    ),
    step('capped', returns(expr('if(delay < policy.most, delay, policy.most)'))),
  ],
  'Seconds to wait before the next try.',
)
