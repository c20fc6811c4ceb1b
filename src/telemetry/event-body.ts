/** Bodies of `events.k8s.io/v1` within the limits that the API server enforces; over them it refuses the whole event. */

export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for an object of the cluster: its events are in `default`, where the API server wants them. */
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
}

export interface EventWords {
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase; one of `EVENT_REASONS` or the reason of a condition. */
  readonly reason: string;
  /** What the operator was doing; defaults to the reason. */
  readonly action?: string;
  /** For people; free of secrets. */
  readonly note: string;
}

/** The API counts bytes, and names of clubs are not ASCII. */
const NOTE_BYTES = 1024;
const WORD_BYTES = 128;

export function eventBody(options: {
  name: string;
  subject: EventSubject;
  words: EventWords;
  at: Temporal.Instant;
  reporter: { controller: string; instance: string };
}): object {
  const { name, subject, words, at, reporter } = options;
  const { namespace: its, uid, ...regarding } = subject;
  const namespace = eventNamespace(subject);
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace },
    eventTime: microTime(at),
    type: words.type,
    reason: clipBytes(words.reason, WORD_BYTES),
    action: clipBytes(words.action ?? words.reason, WORD_BYTES),
    note: clipBytes(words.note, NOTE_BYTES),
    regarding: { ...regarding, ...(its === '' ? {} : { namespace: its }), ...(uid === undefined ? {} : { uid }) },
    reportingController: reporter.controller,
    reportingInstance: clipBytes(reporter.instance, WORD_BYTES),
  };
}

export const eventNamespace = ({ namespace }: EventSubject): string => (namespace === '' ? 'default' : namespace);

/** Merge patch that says "seen `count` times, lately at `at`". The API wants counts of 2 and more. */
export function seriesPatch(count: number, at: Temporal.Instant): object {
  return { series: { count, lastObservedTime: microTime(at) } };
}

function microTime(at: Temporal.Instant): string {
  return at.toString({ fractionalSecondDigits: 6 });
}

/** At most `limit` bytes of UTF-8, never half a character. */
export function clipBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const ellipsis = '…';
  const bytes = Buffer.from(text).subarray(0, limit - Buffer.byteLength(ellipsis));
  return `${new TextDecoder().decode(bytes, { stream: true })}${ellipsis}`;
}
