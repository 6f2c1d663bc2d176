import { on, partly, same } from './feature.ts'

export const http = [
  ...on('http-requests', [
    same('Methods, headers, query and body', 'connectors/methods: http.get'),
    same(
      'A status of 400 or above is an error',
      'connectors/errors: a status of 400 or above is an HttpError',
    ),
    same('A status below is none', 'connectors/errors: a status below 400 is none'),
    same('Decoding by content type', 'connectors/readings: what is no JSON is given as text'),
    same('Timeouts', 'connectors/readings: http waits as long as it is told to'),
    same('Failed connections', 'connectors/errors: where nothing listens, a ConnectionFailedError'),
  ]),
  ...on('authenticate-from-workflow', [
    partly(
      'OIDC and OAuth2',
      'Tokens are the emulator’s own; Google accepts none of them.',
      'connectors/errors: unknown credentials are an AuthError',
    ),
  ]),
]
