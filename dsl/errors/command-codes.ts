import type { CodeEntry } from './code-entry.ts'

/** What is asked for at the command line. */
export const commandCodes = {
  DAG601: {
    title: 'An option has a value that it cannot take',
    explanation: 'The message says what the option takes. `--help` shows it, with examples.',
    wrong: 'dag simulate shop --seed first',
    fixed: 'dag simulate shop --seed 1',
    language: 'sh',
  },
  DAG602: {
    title: 'Options or arguments do not go together',
    explanation: 'Two of them say different things, or one needs another. The message names them.',
    wrong: "dag query 'SELECT 1' --file daily.sql",
    fixed: 'dag query --file daily.sql',
    language: 'sh',
  },
  DAG603: {
    title: 'Params or an input do not fit',
    explanation:
      'The params of a run are checked against the schema of the DAG before anything starts, and so are parameters of a ' +
      'query and the input of a step that is tried by itself. JSON has to be quoted for the shell.',
    wrong: 'dag trigger shop --param limit=ten',
    fixed: 'dag trigger shop --param limit=10',
    language: 'sh',
  },
  DAG604: {
    title: 'A file cannot be used',
    explanation: 'It does not exist, cannot be read or written, or does not hold what it should.',
    wrong: 'dag workflow run helo.yaml',
    fixed: 'dag workflow run hello.yaml',
    language: 'sh',
  },
  DAG605: {
    title: 'There is nothing of that name',
    explanation: 'The message says what was looked for, and the hint what there is.',
    wrong: 'dag runs show manual__2026-02-30t09-00-00z',
    fixed: 'dag runs list && dag runs show manual__2026-03-09t09-00-00z',
    language: 'sh',
  },
  DAG606: {
    title: 'Another process holds what this one needs',
    explanation:
      'A state folder belongs to one emulator at a time, and a port to one server. Commands without options of their own for ' +
      'the emulator use the one that runs.',
    wrong: 'dag emulator & dag emulator --clock virtual',
    fixed: 'dag emulator & dag emulator --clock virtual --state .dag-virtual',
    language: 'sh',
  },
  DAG607: {
    title: 'A query is refused',
    explanation:
      'The statement is not BigQuery SQL, names what is not there, or uses what the local warehouse refuses rather than ' +
      'guesses. docs/local-bigquery.md lists what it knows.',
    wrong: "dag query 'SELECT genre FROM anilist_dmt.genres'",
    fixed: "dag query 'SELECT genre FROM anilist_dmt.genre'",
    language: 'sh',
  },
  DAG608: {
    title: 'That cannot be done to this run or task as it is',
    explanation:
      'A run that is active cannot be executed once more, one that has ended cannot be cancelled, and an approval is answered ' +
      'while it waits. `dag runs show` says how things stand.',
    wrong: 'dag rerun manual__2026-03-09t09-00-00z # while it runs',
    fixed: 'dag runs cancel manual__2026-03-09t09-00-00z && dag rerun manual__2026-03-09t09-00-00z',
    language: 'sh',
  },
  DAG609: {
    title: 'This machine has not what a command needs',
    explanation:
      'The disk is full, memory or open files are used up, or the operating system refuses something else. The message says what, ' +
      'and where. Nothing is lost: the state folder is safe against being interrupted at any point.',
    wrong: 'dag simulate anilist # on a full disk',
    fixed: 'dag simulate anilist --state /mnt/large/dag',
    language: 'sh',
  },
  DAG610: {
    title: 'The local cloud refuses a workflow',
    explanation:
      'What the service would refuse when the source is deployed or the execution is created is refused here, in its words.',
    wrong: "dag workflow run main.yaml --data '{' # no JSON",
    fixed: "dag workflow run main.yaml --data '{}'",
    language: 'sh',
  },
  DAG611: {
    title: 'A command line is not understood',
    explanation:
      'It names a command or an option that there is not, lacks an argument or the value of an option, or has one too many.',
    wrong: 'dag simulate shop --dat 2026-03-09',
    fixed: 'dag simulate shop --date 2026-03-09',
    language: 'sh',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
