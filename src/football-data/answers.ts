/**
 * Classifies what came back from football-data.org, in one place (contracts 2.1, 2.6). Everything that is not surely a list of matches is
 * something else: a throttled call once rendered as "a quiet day" is the incident behind this file.
 */
import { z } from 'zod';
import { toFixture } from './mapping.ts';
import type { Fixture, FixturesAnswer, Quota } from './types.ts';

/** The counting window (contracts 2.1), for a 429 that gives no seconds. */
const WINDOW_S = 60;
/** A wait beyond this is not believed. */
const MAX_WAIT_S = 3_600;
const MAX_TEXT = 200;

/** An HTTP answer, without the library around it. Header names in lower case. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface AnswerContext {
  readonly now: Temporal.Instant;
  /** What was asked, for messages: `PL 2025`. */
  readonly what: string;
  /** A list of matches, or one flat match (contracts 2.4). */
  readonly shape: 'list' | 'match';
}

/** What an HTTP answer means. Total; never throws. */
export function classify(answer: RawAnswer, context: AnswerContext): FixturesAnswer {
  const quota = readQuota(answer, context.now);
  const body = parseJson(answer.body);
  const said = errorText(body);
  const { status } = answer;
  if (status === 429) return rateLimited({ answer, quota, said }, context);
  if (status >= 200 && status < 300) return readMatches(body, said, quota, context);
  const message = `football-data.org answered ${status} for ${context.what}${said === undefined ? '' : `: ${said}`}`;
  if (status === 401 || (status === 400 && isTokenText(said))) {
    return { kind: 'unauthorized', message: `${message} Put a valid token into the Secret of the feed.`, quota };
  }
  if (status === 403) return { kind: 'forbidden', message, quota };
  // Only a body of theirs says that the thing is not there; a proxy's 404 page says nothing.
  if (status === 404) return { kind: said === undefined ? 'failed' : 'not-found', message, quota };
  if (status >= 400 && status < 500) return { kind: said === undefined ? 'failed' : 'invalid', message, quota };
  return { kind: 'failed', message, quota };
}

export const failed = (message: string): FixturesAnswer => ({
  kind: 'failed',
  message,
  quota: { remaining: undefined, resetAt: undefined },
});

const isTokenText = (said: string | undefined): boolean => said !== undefined && /token is invalid/i.test(said);

function rateLimited(got: { answer: RawAnswer; quota: Quota; said: string | undefined }, context: AnswerContext): FixturesAnswer {
  const inText = /wait (\d+) second/i.exec(got.said ?? '')?.[1];
  const waits = [inText, got.answer.headers['x-requestcounter-reset'], got.answer.headers['retry-after']]
    .map(toCount)
    .filter((seconds) => seconds !== undefined);
  const seconds = Math.min(MAX_WAIT_S, waits.length === 0 ? WINDOW_S : Math.max(1, ...waits));
  const message = `football-data.org's request limit is reached (asked for ${context.what}); asking again in ${seconds} s.`;
  return { kind: 'rate-limited', retryAt: context.now.add({ seconds }), message, quota: got.quota };
}

function toCount(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value.trim()) ? Number(value.trim()) : undefined;
}

/** Documented and sent spellings differ (contracts 2.1): all three are read, the lowest counts. */
function readQuota(answer: RawAnswer, now: Temporal.Instant): Quota {
  const names = ['x-requests-available-minute', 'x-requestsavailable', 'x-requests-available'];
  const counts = names.map((name) => toCount(answer.headers[name])).filter((count) => count !== undefined);
  const reset = toCount(answer.headers['x-requestcounter-reset']);
  return {
    remaining: counts.length === 0 ? undefined : Math.min(...counts),
    resetAt: reset === undefined ? undefined : now.add({ seconds: Math.min(reset, 86_400) }),
  };
}

/** Undefined stands for "not JSON": an HTML page, a cut body. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const errorBody = z.object({
  message: z.string().optional().catch(undefined),
  error: z.union([z.string(), z.number()]).optional().catch(undefined),
  errorCode: z.union([z.string(), z.number()]).optional().catch(undefined),
});

/** The text of an error body in any of its three spellings; undefined when the body is none of them. */
function errorText(body: unknown): string | undefined {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { message, error, errorCode } = parsed.data;
  const said = message ?? (typeof error === 'string' ? error : undefined);
  if (said !== undefined) return printable(said);
  const code = error ?? errorCode;
  return code === undefined ? undefined : `error ${code}`;
}

/** Text of a stranger on its way into a condition: one line, short. */
const printable = (text: string): string =>
  text
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT);

const list = z.object({
  matches: z.array(z.unknown()),
  resultSet: z
    .object({ count: z.int().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  competition: z
    .object({ code: z.string(), name: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

const seasoned = z.object({ season: z.object({ startDate: z.iso.date() }) });

/** The day on which the season of all these rows begins; undefined when they do not agree, or do not say. */
function seasonOf(rows: readonly unknown[]): Temporal.Instant | undefined {
  const days = new Set(rows.map((row) => seasoned.safeParse(row).data?.season.startDate));
  const [day] = days;
  return days.size === 1 && day !== undefined ? Temporal.Instant.from(`${day}T00:00:00Z`) : undefined;
}

function readMatches(body: unknown, said: string | undefined, quota: Quota, context: AnswerContext): FixturesAnswer {
  const parsed = context.shape === 'list' ? list.safeParse(body) : list.safeParse({ matches: [body] });
  if (!parsed.success)
    return { kind: 'failed', message: `football-data.org's answer for ${context.what} ${unreadable(body, said)}`, quota };
  const { matches: rows, resultSet, competition } = parsed.data;
  const matches = rows.map(toFixture).filter((fixture): fixture is Fixture => fixture !== undefined);
  if (rows.length > 0 && matches.length === 0) {
    const what = context.shape === 'match' ? unreadable(body, said) : `holds ${rows.length} matches and none can be read.`;
    return { kind: 'failed', message: `football-data.org's answer for ${context.what} ${what}`, quota };
  }
  return {
    kind: 'matches',
    matches,
    seasonFrom: seasonOf(rows),
    competition: competition === undefined ? undefined : { code: competition.code, name: competition.name },
    dropped: rows.length - matches.length,
    announced: resultSet?.count,
    quota,
  };
}

function unreadable(body: unknown, said: string | undefined): string {
  if (body === undefined) return 'is not JSON (a web page, or cut off).';
  return said === undefined ? 'holds no matches field.' : `is an error: ${said}`;
}
