import { on, same } from './feature.ts'

const stdlib = (text: string): string => `engine/stdlib: ${text}`

/** A function by its own page. */
const fn = (name: string, proof: string) =>
  on(
    `reference/stdlib/${name.includes('.') ? name.replaceAll('.', '/').replace('experimental/executions', 'experimental.executions') : 'expression-helpers'}`,
    [same(`\`${name}\``, proof, { subject: `function ${name}` })],
  )

const expression = (text: string): string => `engine/expressions: ${text}`

export const library = [
  ...fn('default', expression('default(null, 1)')),
  ...fn('double', expression('double("1.5")')),
  ...fn('get_type', expression('get_type(null)')),
  ...fn('if', expression('if(null, 1, 2)')),
  ...fn('int', expression('int("12")')),
  ...fn('keys', expression('keys(args)')),
  ...fn('len', expression('len("abc")')),
  ...fn('string', expression('string(1.5)')),
  ...fn('base64.decode', stdlib('text.decode(base64.decode("SGVsbG8="))')),
  ...fn('base64.encode', stdlib('base64.encode(text.encode("Hello"))')),
  ...fn('events.create_callback_endpoint', 'api/executions: a callback takes one request and ends the wait'),
  ...fn('events.await_callback', 'api/executions: a callback takes one request and ends the wait'),
  ...fn(
    'experimental.executions.run',
    'api/executions: experimental.executions.run and map give the results of child workflows',
  ),
  ...fn(
    'experimental.executions.map',
    'api/executions: experimental.executions.run and map give the results of child workflows',
  ),
  ...fn(
    'hash.compute_checksum',
    stdlib('base64.encode(hash.compute_checksum(text.encode("abc"), "SHA256"))'),
  ),
  ...fn('hash.compute_hmac', 'engine/features: compute_hmac with every algorithm of compute_checksum'),
  ...fn('http.default_retry_predicate', 'engine/features: the two predicates of http, by status'),
  ...fn(
    'http.default_retry_predicate_non_idempotent',
    'engine/features: the two predicates of http, by status',
  ),
  ...fn('http.get', 'connectors/methods: http.get'),
  ...fn('http.post', 'connectors/methods: http.post'),
  ...fn('http.put', 'connectors/methods: http.put'),
  ...fn('http.patch', 'connectors/methods: http.patch'),
  ...fn('http.delete', 'connectors/methods: http.delete'),
  ...fn('http.request', 'connectors/methods: http.request'),
  ...fn('json.decode', stdlib(String.raw`json.decode("{\"a\": [1, 2.5, null, true, \"x\"]}")`)),
  ...fn('json.encode', stdlib('get_type(json.encode(args))')),
  ...fn('json.encode_to_string', stdlib('json.encode_to_string(args, true)')),
  ...fn('list.concat', stdlib('a list is appended as one element')),
  ...fn('list.prepend', stdlib('list.prepend([1], 0)')),
  ...fn('map.delete', stdlib('map.delete(args, "c")')),
  ...fn('map.get', stdlib('map.get(args, "a")')),
  ...fn('map.merge', stdlib('map.merge(args.x, args.y)')),
  ...fn('map.merge_nested', stdlib('map.merge_nested(args.x, args.y)')),
  ...fn('math.abs', stdlib('math.abs(-3)')),
  ...fn('math.floor', stdlib('math.floor(-2.1)')),
  ...fn('math.max', stdlib('math.max(2, 7)')),
  ...fn('math.min', stdlib('math.min(2, 7)')),
  ...fn('retry.always', 'engine/errors: max_retries leaves the first attempt out'),
  ...fn('retry.never', 'engine/errors: where the predicate says no, except runs at once'),
  ...fn('sys.get_env', 'api/executions: built-in environment variables'),
  ...fn('sys.log', stdlib('sys.log takes a text, a map or JSON')),
  ...fn('sys.now', stdlib('time.format(sys.now())')),
  ...fn('sys.sleep', 'engine/parallel: branches take time together, not one after the other'),
  ...fn(
    'sys.sleep_until',
    stdlib('sys.sleep_until waits for the moment, and not at all for one that has passed'),
  ),
  ...fn('text.decode', stdlib('text.decode(text.encode("Grüße"))')),
  ...fn('text.encode', stdlib('base64.encode(text.encode("Hello"))')),
  ...fn('text.find_all', stdlib('text.find_all("banana", "an")')),
  ...fn('text.find_all_regex', stdlib('text.find_all_regex("a1b22", "[0-9]+")')),
  ...fn('text.match_regex', stdlib('a match is unanchored')),
  ...fn('text.replace_all', stdlib('text.replace_all("banana", "an", "AN")')),
  ...fn('text.replace_all_regex', stdlib('no back-references')),
  ...fn('text.split', stdlib('text.split("a,b,,c,", ",")')),
  ...fn('text.substring', stdlib('text.substring("hello", -3, -1)')),
  ...fn('text.to_lower', stdlib('text.to_lower("ÄBC")')),
  ...fn('text.to_upper', stdlib('text.to_upper("äbc")')),
  ...fn('text.url_decode', stdlib('text.url_decode("a%20b%2Fc")')),
  ...fn('text.url_encode', stdlib('text.url_encode("a b/c+d?é*")')),
  ...fn('text.url_encode_plus', stdlib('text.url_encode_plus("a b+c")')),
  ...fn('time.format', stdlib('time.format(1720788633, "Europe/Berlin")')),
  ...fn('time.parse', stdlib('time.parse("2024-05-08T12:01:00.000000Z")')),
  ...fn('uuid.generate', stdlib('uuid.generate() == uuid.generate()')),
]
