import type { DescribedTask, Description, Outcome, Repetition, State } from './description.ts'

const letters: Readonly<Record<State, string>> = {
  success: 'S',
  failed: 'F',
  upstream_failed: 'U',
  skipped: 'K',
}

/** `a=S b=S/3 m=SSF | failed`: states in letters, tries behind a stroke where there was not exactly one. */
export function outcomeText({ run, tasks }: Outcome): string {
  const each = Object.entries(tasks).map(([id, ends]) => {
    const states = ends.map(({ state }) => letters[state]).join('')
    const tries = ends.map((end) => end.tries)
    const ran = tries.some((count) => count > 1)
    return `${id}=${states}${ran ? `/${tries.join('.')}` : ''}`
  })
  return `${each.join(' ')} | ${run}`
}

/** A description in a few readable lines: a task a line, with what is not the usual. */
export function describeText({ tasks, groups, failRunOn }: Description): string {
  const mapped = groups.flatMap(({ path, map }) => (map ? [`group ${path}: ${repetitionText(map)}`] : []))
  return [...(failRunOn === 'any' ? ['fails on any failure'] : []), ...mapped, ...tasks.map(taskText)].join(
    '\n',
  )
}

function taskText(task: DescribedTask): string {
  const after = task.upstream.length > 0 ? ` after ${task.upstream.join(', ')}` : ''
  const group = task.group === null ? '' : ` in ${task.group}`
  const rule = task.rule === 'all_success' ? '' : ` [${task.rule}]`
  return `${task.id}${group}${after}${rule}: ${whatText(task)}`
}

function whatText(task: DescribedTask): string {
  switch (task.kind) {
    case 'branch':
      return `branch ${task.cases.join(' | ')}, chooses ${JSON.stringify(task.chosen)}`
    case 'short_circuit':
      return `short circuit over ${task.skips}, passes ${JSON.stringify(task.passes)}`
    case 'empty':
      return 'empty'
    case 'work': {
      const script = task.script.map((tries) =>
        tries.map((each) => `${each.ends} ${each.seconds}s`).join(', '),
      )
      return [
        ...(task.setup ? ['setup'] : []),
        ...(task.teardownOf.length > 0 ? [`teardown of ${task.teardownOf.join(', ')}`] : []),
        ...(task.failsRun ? ['fails the run'] : []),
        ...(task.isOnce ? ['once'] : []),
        ...(task.slots ? [`${task.slots} slots`] : []),
        ...(task.map ? [repetitionText(task.map)] : []),
        ...(task.retries > 0 ? [`${task.retries} retries`] : []),
        script.join(' / ') || 'success',
      ].join(', ')
    }
  }
}

function repetitionText({ over, length, maxConcurrent, second, tolerated }: Repetition): string {
  const other = second === undefined ? '' : `, ${second.by} with ${second.length}`
  const most = maxConcurrent === null ? '' : `, ${maxConcurrent} at once`
  const some = tolerated === undefined ? '' : `, ${tolerated} may fail`
  return `over ${length} of ${over ?? 'a list'}${other}${most}${some}`
}
