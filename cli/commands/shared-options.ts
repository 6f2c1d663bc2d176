import type { Option } from '../command.ts'

export const envOption: Option = {
  flags: '--env <name>',
  description: 'environment of dag.config.ts (default: local)',
}
export const stateOption: Option = {
  flags: '--state <dir>',
  description: 'folder of the local cloud (default: .dag)',
}
export const dateOption: Option = {
  flags: '--date <date>',
  description: 'logical date, e.g. 2026-03-09 (default: the last complete interval)',
}
export const paramOption: Option = {
  flags: '--param <name=value>',
  description: 'a param of the DAG; may be repeated',
  repeatable: true,
}
export const readingOption: Option = {
  flags: '--reading <name=value>',
  description: 'how to read what Workflows leaves undocumented (docs/fidelity.md); may be repeated',
  repeatable: true,
}
export const jsonOption: Option = { flags: '--json', description: 'print one JSON document' }
export const liveOption: Option = {
  flags: '--live',
  description:
    'ask the real sources and services, and tell hooks; without it a local run asks sample services and stays here',
}
export const waitOption: Option = {
  flags: '--wait',
  description: 'follow the run to its end (always so when no emulator runs in the background)',
}
