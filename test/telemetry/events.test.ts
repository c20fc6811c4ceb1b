import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { clipBytes } from '../../src/telemetry/event-body.ts';
import { type EventSink, Events } from '../../src/telemetry/events.ts';
import { recordingLog } from '../support/recording-log.ts';

const START = Temporal.Instant.from('2026-12-06T11:00:00Z');
const subject = { apiVersion: 'matchday.dev/v1alpha1', kind: 'MatchNotification', namespace: 'default', name: 'pl-600123', uid: 'u-1' };
const created = { type: 'Normal', reason: 'Created', note: 'schedule s-1 for 11:30Z' } as const;

type Call = { verb: 'create' | 'patch'; namespace: string; name?: string; body: Record<string, unknown> };

function setUp(options: { queueLimit?: number; answer?: (call: Call) => Promise<void> } = {}) {
  let ms = 0;
  const clock: Clock = { now: () => START.add({ milliseconds: ms }), monotonicMs: () => ms, delayMs: () => 0, onMoved: () => () => {} };
  const calls: Call[] = [];
  const answer = async (call: Call) => {
    calls.push(call);
    await options.answer?.(call);
  };
  const sink: EventSink = {
    create: (namespace, body) => answer({ verb: 'create', namespace, body: { ...body } }),
    patch: (namespace, name, body) => answer({ verb: 'patch', namespace, name, body: { ...body } }),
  };
  const log = recordingLog();
  const { queueLimit = 1_000 } = options;
  const events = new Events({ sink, clock, log, scrub: (text) => text.replaceAll('hunter2', '[redacted]'), instance: 'pod-1', queueLimit });
  const pass = (milliseconds: number) => {
    ms += milliseconds;
  };
  return { events, calls, log, pass };
}

describe('an event', () => {
  it('about an object of the cluster is in default, where the API server wants it', async () => {
    const { events, calls } = setUp();
    events.record({ apiVersion: 'v1', kind: 'Namespace', namespace: '', name: 'club' }, created);
    await events.drained();
    expect(calls).toMatchObject([{ namespace: 'default', body: { metadata: { namespace: 'default' } } }]);
    expect(calls[0]?.body['regarding']).toEqual({ apiVersion: 'v1', kind: 'Namespace', name: 'club' });
  });

  it('is an events.k8s.io/v1 event about the object, in its namespace', async () => {
    const { events, calls } = setUp();
    events.record(subject, created);
    await events.drained();
    expect(calls).toEqual([
      {
        verb: 'create',
        namespace: 'default',
        body: {
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { namespace: 'default', name: expect.stringMatching(/^pl-600123\.[0-9a-f-]{13}$/) },
          eventTime: '2026-12-06T11:00:00.000000Z',
          type: 'Normal',
          reason: 'Created',
          action: 'Created',
          note: 'schedule s-1 for 11:30Z',
          regarding: {
            apiVersion: 'matchday.dev/v1alpha1',
            kind: 'MatchNotification',
            namespace: 'default',
            name: 'pl-600123',
            uid: 'u-1',
          },
          reportingController: 'matchday.dev/operator',
          reportingInstance: 'pod-1',
        },
      },
    ]);
  });

  it('writes nothing before record has returned', () => {
    const { events, calls } = setUp();
    events.record(subject, created);
    expect(calls).toEqual([]);
  });

  it('never carries a secret', async () => {
    const { events, calls } = setUp();
    events.record(subject, { ...created, note: 'answer: bad key hunter2' });
    await events.drained();
    expect(calls[0]!.body['note']).toBe('answer: bad key [redacted]');
  });

  it('keeps within the limits of the API, which counts bytes', async () => {
    const { events, calls } = setUp();
    events.record(subject, { type: 'Warning', reason: 'R'.repeat(300), note: 'ü'.repeat(2_000) });
    await events.drained();
    expect(Buffer.byteLength(String(calls[0]!.body['note']))).toBeLessThanOrEqual(1024);
    expect(calls[0]!.body['note']).toMatch(/^ü+…$/);
    expect(Buffer.byteLength(String(calls[0]!.body['reason']))).toBeLessThanOrEqual(128);
  });
});

describe('the same words again', () => {
  it('within ten minutes count up one event, written at most once a minute', async () => {
    const { events, calls, pass } = setUp();
    for (let round = 0; round < 5; round += 1) {
      events.record(subject, created);
      await events.drained();
      pass(30_000);
    }
    expect(calls.map(({ verb }) => verb)).toEqual(['create', 'patch', 'patch']);
    expect(calls[1]).toMatchObject({
      namespace: 'default',
      name: (calls[0]!.body['metadata'] as { name: string }).name,
      body: { series: { count: 3, lastObservedTime: '2026-12-06T11:01:00.000000Z' } },
    });
    expect(calls[2]!.body).toMatchObject({ series: { count: 5 } });
  });

  it('while the first still waits are one create that says how often', async () => {
    const { events, calls } = setUp();
    for (let times = 0; times < 3; times += 1) events.record(subject, created);
    await events.drained();
    expect(calls).toHaveLength(1);
    expect(calls[0]!.body).toMatchObject({ series: { count: 3 } });
  });

  it('after ten quiet minutes are a new event', async () => {
    const { events, calls, pass } = setUp();
    events.record(subject, created);
    await events.drained();
    pass(10 * 60_000);
    events.record(subject, created);
    await events.drained();
    expect(calls.map(({ verb }) => verb)).toEqual(['create', 'create']);
  });

  it.each([
    ['another note', subject, { ...created, note: 'schedule s-2' }],
    ['another reason', subject, { ...created, reason: 'Opened' }],
    ['another object', { ...subject, name: 'pl-600124' }, created],
    ['the object made anew', { ...subject, uid: 'u-2' }, created],
  ])('with %s are another event', async (_case, otherSubject, words) => {
    const { events, calls } = setUp();
    events.record(subject, created);
    events.record(otherSubject, words);
    await events.drained();
    expect(calls.map(({ verb }) => verb)).toEqual(['create', 'create']);
  });
});

describe('trouble with the API server', () => {
  it('is logged and reaches nobody else; the next sighting is a new event', async () => {
    let broken = true;
    const { events, calls, log } = setUp({ answer: () => (broken ? Promise.reject(new Error('503')) : Promise.resolve()) });
    events.record(subject, created);
    await events.drained();
    broken = false;
    events.record(subject, created);
    await events.drained();
    expect(calls.map(({ verb }) => verb)).toEqual(['create', 'create']);
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'an event could not be written', fields: { object: 'default/pl-600123' } }]);
  });

  it('fills the queue only to its limit; what was dropped is counted', async () => {
    const gate = Promise.withResolvers<void>();
    const { events, calls, log } = setUp({ queueLimit: 3, answer: () => gate.promise });
    for (let number = 0; number < 10; number += 1) events.record(subject, { ...created, note: `note ${number}` });
    gate.resolve();
    await events.drained();
    expect(calls).toHaveLength(3);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { dropped: 7 } }]);
  });

  it('does not make a dropped event a counted one later', async () => {
    const { events, calls } = setUp({ queueLimit: 1 });
    events.record(subject, created);
    events.record(subject, { ...created, note: 'dropped' });
    await events.drained();
    events.record(subject, { ...created, note: 'dropped' });
    await events.drained();
    expect(calls.map(({ verb, body }) => [verb, body['note']])).toEqual([
      ['create', created.note],
      ['create', 'dropped'],
    ]);
  });
});

describe('clipping', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly-10', 10, 'exactly-10'],
    ['one too long', 11, 'one too …'],
    ['🙂🙂🙂', 11, '🙂🙂…'],
  ])('%s to %d bytes is %s', (text, limit, clipped) => {
    expect(clipBytes(text, limit)).toBe(clipped);
  });
});
