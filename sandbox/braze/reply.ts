/** An answer before it is put on the wire, and the words that Braze uses for refusals (contracts 1.8). */
import type { Json } from './json.ts';

export interface Reply {
  readonly status: number;
  /** Absent: an empty body. A string goes out as it is, as HTML. */
  readonly body?: Json | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal on its way out of the nested checks. */
export class Refused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`refused with ${reply.status}`);
    this.reply = reply;
  }
}

export const answer = (status: number, body: Json | string): Reply => ({ status, body });

/** The envelope of messaging errors: `message` is the fatal one, `errors` the details. */
export const refusal = (status: number, message: string, ...errors: string[]): Reply =>
  answer(status, errors.length === 0 ? { message } : { message, errors });

export const badRequest = (...errors: string[]): Refused => new Refused(refusal(400, 'Bad Request', ...errors));

export const refuse = (status: number, message: string, ...errors: string[]): Refused => new Refused(refusal(status, message, ...errors));

/** Errors of the request as such carry `error`, not `message` (contracts 1.8). */
export const malformed = (status: number, error: string): Refused => new Refused(answer(status, { error }));

/** The catalog calls have machine-readable ids (contracts 1.12). */
export interface CatalogFault {
  readonly id: string;
  readonly message: string;
  readonly parameters: readonly string[];
  readonly parameter_values: readonly unknown[];
}

export const catalogRefusal = (status: number, ...errors: CatalogFault[]): Refused =>
  new Refused(answer(status, { errors, message: 'Invalid Request' }));

export const catalogFault = (id: string, message: string, parameters: Readonly<Record<string, unknown>> = {}): CatalogFault => ({
  id,
  message,
  parameters: Object.keys(parameters),
  parameter_values: Object.values(parameters),
});
