/**
 * Where the runtime says what it does. Shaped so that a pino logger fits; the runtime itself knows no logger.
 * Fields are plain values: an error is given as its text, since an HTTP library's error object may carry a credential.
 */
export interface RuntimeLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Says nothing. */
export const silentLog: RuntimeLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Name and message of an error and of its causes, and nothing else of it. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return `thrown value of type ${typeof error}`;
  const own = `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${own} (because of ${errorText(error.cause)})` : own;
}
