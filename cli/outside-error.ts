import { googleFailure } from '../deploy/google-error.ts'
import { UserError } from '../deploy/user-error.ts'

/** What is wrong outside of dagwright, as an error made for people; null for what may be a defect of ours. */
export function outsideError(error: Error): UserError | null {
  const code: unknown = 'code' in error ? error.code : undefined
  if (error.name === 'StateInUseError') {
    const hint = 'talk to that one, stop it, or choose another folder with --state'
    return new UserError('DAG606', error.message, { hint, cause: error })
  }
  if (error.name === 'HistoryError') {
    const status = 'status' in error ? Number(error.status) : 0
    return refusal(error.message, status, error)
  }
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return systemError(error, code)
  if (typeof code !== 'number') return null
  const { message, status } = googleFailure(error)
  return refusal(message, status, error)
}

function refusal(message: string, status: number, cause: Error): UserError {
  const hint = hints[status]
  return new UserError('DAG805', message, { ...(hint === undefined ? {} : { hint }), cause })
}

/** By HTTP status; 0 where nobody answered. */
const hints: Readonly<Record<number, string>> = {
  0: 'see whether the network, or `dag emulator`, is up',
  401: 'sign in: `gcloud auth application-default login`',
  403: 'the account needs a role that allows it: README.md beside the compiled DAG lists them',
  404: 'see whether it is deployed there: `dag deploy --plan`',
  429: 'wait a minute: the quota of the project is used up',
  503: 'try again: the service is busy',
}

type Kind = 'file' | 'port' | 'network' | 'machine'

/** https://nodejs.org/api/errors.html#common-system-errors */
const known: Readonly<Record<string, readonly [Kind, what: string, hint: string]>> = {
  ENOENT: ['file', 'there is no such file or folder', 'check its name'],
  EACCES: ['file', 'this user may not use the file', 'change its permissions, or choose another'],
  EPERM: ['file', 'this user may not do that to the file', 'change its permissions, or choose another'],
  EISDIR: ['file', 'it is a folder, not a file', 'give the name of a file'],
  ENOTDIR: ['file', 'it is a file, not a folder', 'give the name of a folder'],
  EEXIST: ['file', 'it is there already', 'choose another name'],
  EROFS: ['file', 'the disk can only be read', 'choose another folder'],
  ENOSPC: [
    'machine',
    'the disk is full',
    'make room, e.g. in the state folder, or choose another disk with --state',
  ],
  EMFILE: ['machine', 'too many files are open', 'raise the limit: `ulimit -n 4096`'],
  ENOMEM: ['machine', 'there is not enough memory', 'end other programs'],
  EADDRINUSE: [
    'port',
    'another process listens on the port',
    'choose another with --port; 0 takes a free one',
  ],
  EADDRNOTAVAIL: ['port', 'the address is none of this machine', 'choose another'],
  ECONNREFUSED: ['network', 'nobody answers there', 'see whether the service, or `dag emulator`, is up'],
  ECONNRESET: ['network', 'the connection broke', 'try again'],
  ENOTFOUND: ['network', 'the name of the host is unknown', 'check the network'],
  ETIMEDOUT: ['network', 'nobody answered in time', 'check the network, and try again'],
}

const codes = { file: 'DAG604', port: 'DAG606', network: 'DAG805', machine: 'DAG609' } as const

function systemError(error: Error, code: string): UserError {
  const {
    path,
    syscall = '',
    port,
    address,
  } = error as NodeJS.ErrnoException & { port?: number; address?: string }
  const isListening = syscall === 'listen'
  const found = isListening && code === 'EACCES' ? portRefused : known[code]
  const [kind, what, hint] =
    found ?? (['machine', error.message, 'see what the operating system says of it'] as const)
  const place =
    path ?? (address === undefined ? undefined : `${address}${port === undefined ? '' : `:${port}`}`)
  const isCommand = code === 'ENOENT' && syscall.startsWith('spawn')
  return new UserError(codes[kind], isCommand ? 'there is no such command' : what, {
    ...(place === undefined ? {} : { place }),
    hint: isCommand ? 'install it, or name another in dag.config.ts' : hint,
    cause: error,
  })
}

const portRefused = [
  'port',
  'this user may not listen on the port',
  'choose one above 1024 with --port',
] as const
