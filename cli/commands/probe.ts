import type { Command } from '../command.ts'
import { envOption, jsonOption, stateOption } from './shared-options.ts'

export const probeCommand: Command = {
  name: 'probe',
  summary: 'ask Workflows what its documentation leaves open, and compare with the emulator',
  options: [
    envOption,
    { flags: '--only <name>', description: 'one probe; may be repeated (default: all)', repeatable: true },
    { flags: '--plan', description: 'print executions and steps, and stop' },
    { flags: '--keep', description: 'leave the workflows, named dag-probe-…, deployed' },
    stateOption,
    jsonOption,
  ],
  examples: [
    'dag probe --env prod --plan',
    'dag probe --env prod --only nested-slots',
    'dag probe --env local',
  ],
  async run(input) {
    const { runProbes } = await import('../probe.ts')
    return runProbes(input)
  },
}
