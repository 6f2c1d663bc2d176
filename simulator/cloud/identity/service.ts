import type { CloudService } from '../request.ts'
import { json, routes } from '../routes.ts'
import type { Identity } from './tokens.ts'

const KEYS_PATH = '/oauth2/v3/certs'

/**
 * Where services that are called with `auth: {type: OIDC}` find what they need to verify the token.
 * https://openid.net/specs/openid-connect-discovery-1_0.html
 */
export function createIdentityService(identity: Identity, rootUrl: () => string): CloudService {
  const handle = routes([
    { method: 'GET', path: KEYS_PATH, handle: () => json(200, identity.keySet()) },
    {
      method: 'GET',
      path: '/.well-known/openid-configuration',
      handle: () =>
        json(200, {
          issuer: rootUrl(),
          jwks_uri: `${rootUrl()}${KEYS_PATH}`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        }),
    },
  ])
  return { name: 'identity', handle, close: () => Promise.resolve() }
}
