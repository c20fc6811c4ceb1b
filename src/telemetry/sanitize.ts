/**
 * Turns anything that is handed to the logger into plain JSON that is safe to print. Only what is known to be harmless gets through:
 * an error keeps its name, message, stack, code and status but no other property, since HTTP libraries hang the whole request, key
 * included, on theirs; of other class instances only the class name is shown, unless they say how to be spelled (`toJSON`).
 */
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_096;

/** Names of fields whose value is never printed, compared without case and punctuation (`X-Auth-Token` = `xauthtoken`). */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'authorization',
  'bearer',
  'bearertoken',
  'clientkeydata',
  'cookie',
  'databaseurl',
  'idtoken',
  'password',
  'pgpassword',
  'privatekey',
  'proxyauthorization',
  'refreshtoken',
  'setcookie',
  'xauthtoken',
]);

const isSecretKey = (key: string): boolean => SECRET_KEYS.has(key.replace(/[^a-z]/gi, '').toLowerCase());

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Never throws, whatever `value` is. */
export function sanitize(value: unknown, depth = 0): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return clip(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object') return clip(String(value));
  if (depth >= MAX_DEPTH) return '[deeper]';
  try {
    return sanitizeObject(value, depth);
  } catch {
    return '[unprintable]'; // A getter or a toJSON threw: the line is worth more than this field.
  }
}

function sanitizeObject(value: object, depth: number): Json {
  if (value instanceof Error) return sanitizeError(value, depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => sanitize(item, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return sanitize(value.toJSON(), depth + 1);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `[${value.constructor.name}]`;
  return sanitizeFields(value, depth);
}

function sanitizeFields(value: object, depth: number): Json {
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(entries.map(([key, item]) => [key, isSecretKey(key) ? '[redacted]' : sanitize(item, depth + 1)]));
}

function sanitizeError(error: Error, depth: number): Json {
  const { code, status } = error as { code?: unknown; status?: unknown };
  return {
    type: error.name,
    message: clip(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(error.stack === undefined ? {} : { stack: clip(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: sanitize(error.cause, depth + 1) }),
  };
}

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
}
