/**
 * The secret values this process knows, so that they can be taken out of any text that leaves it (promise P6). Key names are no
 * protection by themselves: a remote API may echo a key in its error body, a URL may carry a password.
 *
 * Values are kept per owner (`default/braze/apiKey`), the current one and the one before it, because calls made with the old one
 * may still be in flight when a Secret is rotated. Nothing else is kept, so the registry does not grow with rotations.
 */
const REPLACEMENT = '[redacted]';

/** Shorter values would take ordinary words out of every line; no real key is that short. */
const MIN_LENGTH = 6;

export class Secrets {
  readonly #values = new Map<string, readonly string[]>();
  #pattern: RegExp | undefined;

  /** From now on `value` appears in no text that went through `scrub`. Values under 6 characters are ignored. */
  register(owner: string, value: string): void {
    if (value.length < MIN_LENGTH) return;
    const known = this.#values.get(owner) ?? [];
    if (known[0] === value) return;
    this.#values.set(owner, [value, ...known.slice(0, 1)]);
    this.#compile();
  }

  /** Drops both values of `owner`. For an owner that is gone and has nothing in flight. */
  forget(owner: string): void {
    if (this.#values.delete(owner)) this.#compile();
  }

  /** `text` with each known value replaced, also where it stands JSON-escaped, percent-encoded or in base64. */
  scrub(text: string): string {
    return this.#pattern === undefined ? text : text.replace(this.#pattern, REPLACEMENT);
  }

  #compile(): void {
    const spellings = new Set([...this.#values.values()].flat().flatMap(spellingsOf));
    // The longest first: a key that starts with another key must not leave its tail behind.
    const ordered = [...spellings].sort((a, b) => b.length - a.length).map((value) => RegExp.escape(value));
    this.#pattern = ordered.length === 0 ? undefined : new RegExp(ordered.join('|'), 'g');
  }
}

function spellingsOf(value: string): string[] {
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/=+$/, '')];
}
