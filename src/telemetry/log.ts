/**
 * One JSON object a line. Parts take the small `Log` below, so that a test can hand them an array instead.
 *
 * Nothing that was registered as a secret, and nothing under the name of one, reaches the line: fields go through `sanitize`, the
 * finished line through `Secrets.scrub`. Writing is synchronous: the last line before a crash is the one that is needed.
 */
import { pino } from 'pino';
import { sanitize } from './sanitize.ts';
import type { Secrets } from './secrets.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Put the error under `error`; anything else under its own name. */
export type LogFields = Readonly<Record<string, unknown>>;

export type Log = { readonly [Level in LogLevel]: (message: string, fields?: LogFields) => void } & {
  /** A log that adds `fields` to each of its lines. */
  child(fields: LogFields): Log;
};

export interface LogOptions {
  readonly level: LogLevel;
  readonly secrets: Secrets;
  /** In every line, such as the process' identity. */
  readonly base?: LogFields;
  /** What `time` shows; a sandbox with a moved clock shows that clock's time. */
  readonly now?: () => Temporal.Instant;
  /** Gets whole lines with their line end. Default: standard output. */
  readonly write?: (line: string) => void;
}

export function createLog(options: LogOptions): Log {
  const { level, secrets, base = {}, now = () => Temporal.Now.instant(), write = toStandardOutput() } = options;
  const root = pino(
    {
      level,
      base: clean(base),
      messageKey: 'message',
      timestamp: () => `,"time":"${now().toString({ fractionalSecondDigits: 3 })}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(secrets.scrub(line)) },
  );
  return wrap(root);
}

/** A log that says nothing. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};

export interface LoggedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `Aston Villa FC v Arsenal FC`; what people search for. */
  readonly fixture?: string | undefined;
}

/** The log of one object: each line names the object and, where there is one, its fixture. */
export function logFor(log: Log, { kind, namespace, name, fixture }: LoggedObject): Log {
  return log.child({ kind, object: `${namespace}/${name}`, ...(fixture === undefined ? {} : { fixture }) });
}

/** The same log for parts that say the fields first, as pino itself does. */
export function fieldsFirst(log: Log): { readonly [Level in LogLevel]: (fields: object, message: string) => void } {
  const at = (level: LogLevel) => (fields: object, message: string) => log[level](message, { ...fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function wrap(logger: pino.Logger): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (logger.isLevelEnabled(level)) logger[level](clean(fields), message);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(logger.child(clean(fields))),
  };
}

function clean(fields: LogFields): Record<string, unknown> {
  const safe = sanitize(fields);
  return typeof safe === 'object' && safe !== null ? { ...safe } : {};
}

function toStandardOutput(): (line: string) => void {
  const stream = pino.destination({ dest: 1, sync: true });
  return (line) => void stream.write(line);
}
