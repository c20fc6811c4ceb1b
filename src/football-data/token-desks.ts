/**
 * The desks, one for each token value, whoever's Secret it came from. Two namespaces with the same token share one, since the provider counts
 * them as one. The key is a hash under a random salt of this process: it can't be looked up anywhere and never leaves memory.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { TokenDesk } from './token-desk.ts';
import type { FootballDataApi } from './types.ts';

export interface TokenDesksOptions {
  /** A client for this token; called once for each token in use. */
  readonly api: (request: { readonly token: string }) => FootballDataApi;
  readonly clock: Clock;
  /** From 0 to 1; for jitter. */
  readonly random: () => number;
}

export interface Seat {
  readonly desk: TokenDesk;
  /** Tells whether a token is still the one of this seat. */
  readonly id: string;
}

export class TokenDesks {
  readonly #options: TokenDesksOptions;
  readonly #salt = randomBytes(32);
  readonly #desks = new Map<string, TokenDesk>();

  constructor(options: TokenDesksOptions) {
    this.#options = options;
  }

  idOf(token: string): string {
    return createHmac('sha256', this.#salt).update(token).digest('hex');
  }

  /** A seat for `key` at the token's desk. `wake`: somebody else's call brought something. */
  join(key: string, token: string, wake: () => void): Seat {
    const id = this.idOf(token);
    const { clock, random, api } = this.#options;
    const desk = this.#desks.get(id) ?? new TokenDesk({ api: api({ token }), clock, random });
    this.#desks.set(id, desk);
    desk.join(key, wake);
    return { desk, id };
  }

  leave(key: string, { desk, id }: Seat): void {
    desk.leave(key);
    if (desk.isEmpty) this.#desks.delete(id);
  }
}
