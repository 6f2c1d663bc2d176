import { typeError, valueError } from '../engine/errors.ts'
import { isMap, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'
import type { Caller, MethodTable, RestMethod } from './method.ts'

const access: RestMethod = { method: 'GET', path: '/v1/{+name}:access' }
const on = (method: RestMethod['method'], path: string): RestMethod => ({ method, path })
const addVersion: RestMethod = { method: 'POST', path: '/v1/{+parent}:addVersion' }

/** https://cloud.google.com/workflows/docs/reference/googleapis/secretmanager/Overview */
export const secretMethods: MethodTable = {
  'secretmanager.v1.projects.secrets.create': { method: 'POST', path: '/v1/{+parent}/secrets' },
  'secretmanager.v1.projects.secrets.get': on('GET', '/v1/{+name}'),
  'secretmanager.v1.projects.secrets.list': on('GET', '/v1/{+parent}/secrets'),
  'secretmanager.v1.projects.secrets.patch': on('PATCH', '/v1/{+name}'),
  'secretmanager.v1.projects.secrets.delete': on('DELETE', '/v1/{+name}'),
  'secretmanager.v1.projects.secrets.versions.get': on('GET', '/v1/{+name}'),
  'secretmanager.v1.projects.secrets.versions.list': on('GET', '/v1/{+parent}/versions'),
  'secretmanager.v1.projects.secrets.versions.enable': on('POST', '/v1/{+name}:enable'),
  'secretmanager.v1.projects.secrets.versions.disable': on('POST', '/v1/{+name}:disable'),
  'secretmanager.v1.projects.secrets.versions.destroy': on('POST', '/v1/{+name}:destroy'),
  'secretmanager.v1.projects.secrets.addVersion': addVersion,
  'secretmanager.v1.projects.secrets.addVersionString': {
    ...addVersion,
    prepare: (args, caller) => {
      const data = Buffer.from(text(args, 'data')).toString('base64')
      const body = new Map<string, RuntimeValue>([['payload', new Map([['data', data]])]])
      return new Map<string, RuntimeValue>([
        ['parent', secretName(args, caller)],
        ['body', body],
      ])
    },
  },
  'secretmanager.v1.projects.secrets.versions.access': access,
  'secretmanager.v1.projects.secrets.versions.accessString': {
    ...access,
    prepare: (args, caller) => {
      const given = args.get('version') ?? null
      const version = typeof given === 'bigint' ? String(given) : text(args, 'version', 'latest')
      return new Map([['name', `${secretName(args, caller)}/versions/${version}`]])
    },
    result: (answer) => {
      const payload = isMap(answer) ? answer.get('payload') : undefined
      const data = payload !== undefined && isMap(payload) ? payload.get('data') : undefined
      return typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : null
    },
  },
}

function secretName(args: RuntimeMap, caller: Caller): string {
  return `projects/${text(args, 'project_id', caller.project)}/secrets/${text(args, 'secret_id')}`
}

function text(args: RuntimeMap, key: string, standard?: string): string {
  const value = args.get(key) ?? standard
  if (value === undefined) throw valueError(`secrets: the argument "${key}" is required`)
  if (typeof value !== 'string') throw typeError(`secrets: the argument "${key}" must be a string`)
  return value
}
