import { authError, typeError } from '../engine/errors.ts'
import { isMap, type RuntimeValue } from '../engine/value.ts'

/**
 * The Authorization header of a call with `auth`. There are no Google credentials here: the token names its issuer
 * and audience, is unsigned, and is worth nothing outside this machine.
 *
 * https://cloud.google.com/workflows/docs/authenticate-from-workflow
 */
export function authorization(auth: RuntimeValue, url: URL): string | null {
  if (auth === null) return null
  if (!isMap(auth)) throw typeError('auth must be a map')
  const audience = auth.get('audience') ?? null
  switch (auth.get('type')) {
    case 'OIDC':
      if (audience !== null && typeof audience !== 'string') throw typeError('auth.audience must be a string')
      return `Bearer ${unsignedToken({ iss: 'dagwright-emulator', aud: audience ?? url.href })}`
    case 'OAuth2':
      return `Bearer ${unsignedToken({ iss: 'dagwright-emulator', scope: 'local' })}`
    default:
      throw authError('auth.type must be OIDC or OAuth2')
  }
}

function unsignedToken(claims: Readonly<Record<string, string>>): string {
  return `${encodePart({ alg: 'none', typ: 'JWT' })}.${encodePart(claims)}.`
}

function encodePart(value: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
