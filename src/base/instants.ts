/** Arithmetic on instants in the words that the rules use. */

export const instant = (text: string): Temporal.Instant => Temporal.Instant.from(text);
export const plusMs = (at: Temporal.Instant, ms: number): Temporal.Instant =>
  Temporal.Instant.fromEpochMilliseconds(at.epochMilliseconds + ms);
export const msBetween = (from: Temporal.Instant, to: Temporal.Instant): number => to.epochMilliseconds - from.epochMilliseconds;
/** `a` is strictly earlier than `b`. */
export const isBefore = (a: Temporal.Instant, b: Temporal.Instant): boolean => Temporal.Instant.compare(a, b) < 0;
/** `now` has reached `at`. */
export const hasPassed = (at: Temporal.Instant, now: Temporal.Instant): boolean => !isBefore(now, at);
export const earliest = (first: Temporal.Instant, ...rest: Temporal.Instant[]): Temporal.Instant =>
  rest.reduce((a, b) => (isBefore(b, a) ? b : a), first);
export const latest = (first: Temporal.Instant, ...rest: Temporal.Instant[]): Temporal.Instant =>
  rest.reduce((a, b) => (isBefore(a, b) ? b : a), first);

const MINUTE_MS = 60_000;
/** The whole minute at or before `at`: sends are compared in minutes, never in seconds (race scenario 4). */
export const floorMinute = (at: Temporal.Instant): Temporal.Instant =>
  Temporal.Instant.fromEpochMilliseconds(Math.floor(at.epochMilliseconds / MINUTE_MS) * MINUTE_MS);
/** The whole minute at or after `at`. */
export const ceilMinute = (at: Temporal.Instant): Temporal.Instant =>
  Temporal.Instant.fromEpochMilliseconds(Math.ceil(at.epochMilliseconds / MINUTE_MS) * MINUTE_MS);

/** RFC 3339 without a fraction, as the API shows it. */
export const toText = (at: Temporal.Instant): string => at.toString({ smallestUnit: 'second' });
/** `12:30Z` for sentences. */
export const toClock = (at: Temporal.Instant): string => `${at.toString().slice(0, 10)} ${at.toString().slice(11, 16)}Z`;
