// Takes secrets out of what is about to be logged, by the name of the key and by the look of the text, and bounds its
// size. Pure. The last line of defence: callers should not log secrets in the first place.

const HIDDEN = '[redacted]';
const DEPTH_MAX = 8;
const ITEMS_MAX = 100;
const TEXT_MAX = 8 * 1024;

/** Keys whose values are secret whatever they hold; compared without case, "-" and "_". */
const SECRET_KEYS = new Set([
  'accesskey',
  'apikey',
  'auth',
  'authorization',
  'binarydata',
  'cookie',
  'credential',
  'credentials',
  'data',
  'env',
  'envs',
  'headers',
  'httpheaders',
  'identitytoken',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'proxyauthorization',
  'registrytoken',
  'secret',
  'setcookie',
  'staticpodurlheader',
  'stringdata',
  'token',
]);

const SECRET_TEXT: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi, `$1${HIDDEN}@`],
  [/([?&][^=&\s]*(?:token|key|secret|password|signature|credential|sig|auth)[^=&\s]*=)[^&#\s"']+/gi, `$1${HIDDEN}`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/g, `$1 ${HIDDEN}`],
];

/** A copy that may be printed: no secrets, errors as plain data, nothing deeper, longer or wider than the bounds. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '[deeper]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Date) return value;
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((item) => redact(item, depth + 1));
    return value.length > ITEMS_MAX ? [...items, `[${value.length - ITEMS_MAX} more]`] : items;
  }
  const entries = Object.entries(value).slice(0, ITEMS_MAX);
  return Object.fromEntries(
    entries.map(([key, member]) => [key, isSecret(key) ? hide(member) : redact(member, depth + 1)]),
  );
}

function isSecret(key: string): boolean {
  return SECRET_KEYS.has(key.toLowerCase().replaceAll(/[-_]/g, ''));
}

/** That there was nothing is no secret. */
function hide(value: unknown): unknown {
  return value === undefined || value === null || value === '' ? value : HIDDEN;
}

function redactText(text: string): string {
  const shown = SECRET_TEXT.reduce((before, [pattern, replacement]) => before.replace(pattern, replacement), text);
  return shown.length <= TEXT_MAX ? shown : `${shown.slice(0, TEXT_MAX)}… (${shown.length} characters)`;
}

function redactError(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  const code = (error as NodeJS.ErrnoException).code;
  const own = {
    type: name,
    message: redactText(message),
    code,
    stack: stack === undefined ? stack : redactText(stack),
  };
  return cause === undefined ? own : { ...own, cause: redact(cause, depth + 1) };
}
