/** From the text of a flag to its value. Each throws a `RangeError` that says what would be right and does not repeat the text. */
import { isIP } from 'node:net';
import { DURATION_PATTERN, parseDuration } from '../base/durations.ts';
import { LOG_LEVELS, type LogLevel } from '../telemetry/log.ts';

export interface Address {
  /** Undefined: all interfaces. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

/** Milliseconds. */
export function toDurationMs(text: string): number {
  if (!new RegExp(DURATION_PATTERN).test(text)) throw new RangeError('must be days, hours, minutes and seconds, such as 1h30m or 0s');
  const ms = parseDuration(text);
  if (!Number.isSafeInteger(ms)) throw new RangeError('must be shorter');
  return ms;
}

export function toCount(text: string, { min, max }: { min: number; max: number }): number {
  const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= min && count <= max)) throw new RangeError(`must be a whole number from ${min} to ${max}`);
  return count;
}

export function toSwitch(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new RangeError('must be true or false');
  return text === 'true';
}

export function toLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw new RangeError(`must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

export function toList(texts: readonly string[]): string[] {
  const items = texts
    .flatMap((text) => text.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return [...new Set(items)];
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Without a slash at its end. */
export function toUrl(text: string): string {
  const url = secureUrl(text);
  if (url.search !== '' || url.hash !== '') throw new RangeError('must have no query and no fragment');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Scheme, host and port, and nothing else. */
export function toOrigin(text: string): string {
  const url = secureUrl(text);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw new RangeError('must be an origin: scheme, host and port only');
  return url.origin;
}

function secureUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new RangeError('must be a URL');
  if (url.username !== '' || url.password !== '') throw new RangeError('must not carry a user name or a password');
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!secure) throw new RangeError('must be https; http only for 127.0.0.1, localhost and [::1]');
  return url;
}

export function toDatabaseUrl(text: string): string {
  const scheme = URL.canParse(text) ? new URL(text).protocol : '';
  if (scheme !== 'postgres:' && scheme !== 'postgresql:') throw new RangeError('must be a URL that begins with postgres://');
  return text;
}

/** Undefined for `0`: not served. */
export function toAddress(text: string): Address | undefined {
  if (text === '0') return undefined;
  const [, host, port] = /^(.*):([0-9]{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new RangeError('must be [HOST]:PORT with a port from 0 to 65535, or 0');
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (host.includes(':') && (bare === host || isIP(bare) !== 6)) throw new RangeError('must have an IPv6 address in brackets');
  return { host: bare === '' ? undefined : bare, port: Number(port) };
}
