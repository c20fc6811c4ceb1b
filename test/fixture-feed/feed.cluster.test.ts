import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Stage, stageFeed, TOKEN } from './stage.ts';

let stage: Stage;
const begin = async (spec: object = { window: '40d' }): Promise<void> => {
  stage = await stageFeed(spec);
  await stage.pass();
};
const end = async (): Promise<void> => {
  await stage.stop();
};

/** What the feed says beside how old its lists are. */
const conditionsOf = (): readonly string[] =>
  (stage.feed().status?.conditions ?? [])
    .filter(({ type }) => type !== 'FeedFresh')
    .map(({ type, status, reason }) => `${type}=${status} ${reason}`);
const messageOf = (type: string): string => stage.feed().status?.conditions?.find((condition) => condition.type === type)?.message ?? '';
const all = () => stage.notifications.list(stage.cluster.namespace);
const versions = (): readonly (string | undefined)[] => all().map(({ metadata }) => metadata.resourceVersion);
const held = () => all().filter(({ spec }) => spec.hold !== undefined);
/** A match some weeks ahead. */
const anyId = async (): Promise<string> => {
  const matches = await stage.provider.admin.matches('PL');
  return String(matches.find((match) => match.utcDate.startsWith('2025-09') && match.status === 'TIMED')?.id);
};
/** Makes passes until no confirmation is asked for. */
const settle = async (passes = 4): Promise<void> => {
  for (let pass = 0; pass < passes; pass += 1) await stage.pass();
};

describe('a season through the feed', () => {
  afterEach(end);

  it('becomes 380 objects; a second poll writes nothing, nor does a new process', async () => {
    await begin({ window: '400d' });
    expect(all()).toHaveLength(380);
    expect(held().map(({ spec }) => spec.hold?.reason)).toEqual(['Postponed']);
    expect(conditionsOf()).toEqual(['Ready=True Fresh']);
    expect(stage.feed().status).toMatchObject({ fixtures: 380, applied: 380, held: 1, conflicts: 0 });
    const [first] = all();
    expect(first?.metadata).toMatchObject({ finalizers: ['matchday.dev/braze-schedule'], labels: { 'matchday.dev/feed': 'pl' } });
    expect(first?.metadata.ownerReferences).toBeUndefined();
    const before = versions();
    stage.writes.count = 0;
    await settle(2);
    stage.restart();
    await settle(2);
    await stage.caughtUp();
    expect(stage.writes.count).toBe(0);
    expect(versions()).toEqual(before);
  });
});

describe('a change of a fixture', () => {
  beforeEach(async () => {
    await begin();
  });
  afterEach(end);

  it('follows a move when a second poll, seconds later, says it again', async () => {
    const id = await anyId();
    const before = stage.notification(id).spec.kickoff;
    await stage.provider.admin.edit([{ kind: 'move', id: Number(id), utcDate: '2025-09-30T17:30:00Z' }]);
    await stage.pass();
    expect(stage.notification(id).spec.kickoff).toBe(before);
    expect(stage.pauseMs()).toBeLessThanOrEqual(10_000);
    await stage.pass();
    expect(stage.notification(id).spec).toMatchObject({ kickoff: '2025-09-30T17:30:00Z', sendAt: '2025-09-30T16:30:00Z' });
    // The next list comes at its own time.
    expect(stage.pauseMs()).toBe(294_000);
  });

  it('does not follow a move by one second', async () => {
    const id = await anyId();
    const moved = stage.notification(id).spec.kickoff.replace(':00Z', ':01Z');
    stage.writes.count = 0;
    await stage.provider.admin.edit([{ kind: 'move', id: Number(id), utcDate: moved }]);
    await settle();
    expect(stage.writes.count).toBe(0);
  });

  it('holds what is postponed and cancelled, and lets go of what is set again', async () => {
    const id = await anyId();
    await stage.provider.admin.edit([{ kind: 'postpone', id: Number(id) }]);
    await settle();
    expect(stage.notification(id).spec.hold?.reason).toBe('Postponed');
    await stage.provider.admin.edit([{ kind: 'reschedule', id: Number(id), utcDate: '2025-12-17T20:00:00Z' }]);
    await settle();
    expect(stage.notification(id).spec).toMatchObject({ kickoff: '2025-12-17T20:00:00Z' });
    expect(stage.notification(id).spec.hold).toBeUndefined();
    await stage.provider.admin.edit([{ kind: 'cancel', id: Number(id) }]);
    await settle();
    expect(stage.notification(id).spec.hold?.reason).toBe('Cancelled');
  });

  it('keeps a match that leaves the list, and hears of its move by id', async () => {
    const id = await anyId();
    const before = versions();
    await stage.provider.admin.edit([{ kind: 'drop', id: Number(id) }]);
    await stage.pass();
    expect(versions()).toEqual(before);
    const asked = (await stage.provider.admin.requests()).map(({ path }) => path);
    expect(asked.at(-1)).toBe(`/v4/matches/${id}`);
    expect(conditionsOf()).toEqual(['Ready=True Fresh']);
    expect(messageOf('Ready')).toContain('1 of them are in no list any more');
  });

  it('of too many fixtures at once is not applied before a person approves exactly that', async () => {
    const before = versions();
    const ids = all().map(({ spec }) => Number(spec.match.id));
    await stage.provider.admin.edit(ids.map((id) => ({ kind: 'move', id, utcDate: '2025-09-30T17:30:00Z' })));
    await settle();
    expect(conditionsOf()).toEqual(['Ready=False TooManyChanges', 'Stalled=True TooManyChanges']);
    expect(versions()).toEqual(before);
    const command = /kubectl (annotate .*)$/.exec(messageOf('Ready'))?.[1] ?? expect.fail(messageOf('Ready'));
    await stage.kubectl(command.split(' '));
    await stage.caughtUp();
    await stage.pass();
    expect(new Set(all().map(({ spec }) => spec.kickoff))).toEqual(new Set(['2025-09-30T17:30:00Z']));
    expect(conditionsOf()).toEqual(['Ready=True Fresh']);
  });

  it('is not misled by a server that is weeks behind', async () => {
    const id = await anyId();
    await stage.provider.admin.edit([{ kind: 'move', id: Number(id), utcDate: '2025-09-30T17:30:00Z' }]);
    await settle();
    stage.writes.count = 0;
    await stage.provider.admin.setBackends(
      [
        { name: 'fresh', lagMs: 0 },
        { name: 'old', lagMs: 14 * 86_400_000 },
      ],
      'in-turn',
    );
    await settle(8);
    stage.restart();
    await settle(8);
    expect(stage.writes.count).toBe(0);
    expect(stage.notification(id).spec.kickoff).toBe('2025-09-30T17:30:00Z');
  });
});

describe('people and the feed', () => {
  beforeEach(async () => {
    await begin();
  });
  afterEach(end);
  const someId = (): string => all()[0]?.spec.match.id ?? '';
  const take = async (id: string, spec: object): Promise<void> => {
    const { cluster } = stage;
    const object = {
      apiVersion: 'matchday.dev/v1alpha1',
      kind: 'MatchNotification',
      metadata: { name: `pl-${id}`, namespace: cluster.namespace },
      spec,
    };
    await stage.kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=editor', '-f', '-'], object);
    await stage.caughtUp();
  };
  /** What a manager owned belongs to nobody afterwards; the values stay. */
  const giveUp = async (id: string, manager: string): Promise<void> => {
    const object = JSON.parse(await stage.kubectl(['get', 'mn', `pl-${id}`, '-o', 'json', '--show-managed-fields']));
    const value = (object.metadata.managedFields as { manager: string }[]).filter((entry) => entry.manager !== manager);
    await stage.kubectl([
      'patch',
      'mn',
      `pl-${id}`,
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'replace', path: '/metadata/managedFields', value }]),
    ]);
    await stage.caughtUp();
  };

  it('share an object: a foreign sendAt stays while the kickoff moves on, and is counted', async () => {
    const id = someId();
    await take(id, { sendAt: '2025-08-12T08:00:00Z' });
    await stage.pass();
    expect(stage.feed().status).toMatchObject({ conflicts: 1 });
    expect(stage.events).toContain(`pl-${id} FieldOverridden`);
    await stage.provider.admin.edit([{ kind: 'move', id: Number(id), utcDate: '2025-09-01T19:00:00Z' }]);
    await settle();
    expect(stage.notification(id).spec).toMatchObject({ sendAt: '2025-08-12T08:00:00Z', kickoff: '2025-09-01T19:00:00Z' });
    stage.writes.count = 0;
    await settle();
    expect(stage.writes.count).toBe(0);
  });

  it('are told when their sendAt falls behind the new kickoff: held, not refused', async () => {
    const id = someId();
    const { kickoff } = stage.notification(id).spec;
    const late = Temporal.Instant.from(kickoff).subtract({ minutes: 1 }).toString();
    await take(id, { sendAt: late });
    const earlier = Temporal.Instant.from(kickoff).subtract({ hours: 3 }).toString();
    await stage.provider.admin.edit([{ kind: 'move', id: Number(id), utcDate: earlier }]);
    await settle();
    expect(stage.notification(id).spec).toMatchObject({ sendAt: late, kickoff, hold: { reason: 'SendAfterKickoff' } });
    expect(conditionsOf()).toEqual(['Ready=True Fresh']);
  });

  it('keep their sendAt through fifty polls and a restart; given back, the next poll sets the own one again', async () => {
    const id = someId();
    const wanted = stage.notification(id).spec.sendAt;
    await take(id, { sendAt: '2025-08-12T08:00:00Z' });
    await settle(25);
    stage.restart();
    await settle(25);
    expect(stage.notification(id).spec.sendAt).toBe('2025-08-12T08:00:00Z');
    expect(stage.feed().status).toMatchObject({ conflicts: 1 });
    // Once by each process: it tells of a change, not of each poll.
    expect(stage.events.filter((event) => event === `pl-${id} FieldOverridden`)).toHaveLength(2);
    await giveUp(id, 'editor');
    await stage.pass();
    expect(stage.notification(id).spec.sendAt).toBe(wanted);
    expect(stage.feed().status).toMatchObject({ conflicts: 0 });
  });

  it('alone may suspend an object: no poll and no restart lets it go', async () => {
    const id = someId();
    await stage.kubectl(['patch', 'mn', `pl-${id}`, '--type=merge', '-p', '{"spec":{"suspend":true}}']);
    await stage.caughtUp();
    await stage.provider.admin.edit([{ kind: 'move', id: Number(id), utcDate: '2025-09-01T19:00:00Z' }]);
    await settle();
    stage.restart();
    await settle();
    expect(stage.notification(id).spec).toMatchObject({ suspend: true, kickoff: '2025-09-01T19:00:00Z' });
    expect(stage.feed().status).toMatchObject({ conflicts: 0 });
  });

  it('may delete an object: it is left alone while it goes, its finalizer too', async () => {
    const id = someId();
    await stage.kubectl(['delete', 'mn', `pl-${id}`, '--wait=false']);
    await stage.caughtUp();
    await stage.provider.admin.edit([{ kind: 'cancel', id: Number(id) }]);
    await settle();
    expect(stage.notification(id).metadata.finalizers).toContain('matchday.dev/braze-schedule');
    expect(stage.notification(id).spec.hold).toBeUndefined();
  });

  it('find finished objects removed in the end, and no others', async () => {
    const [sent, heldOne] = all().map(({ metadata }) => metadata.name);
    const finish = (name: string | undefined, phase: string) =>
      stage.kubectl(['patch', 'mn', name ?? '', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { phase } })]);
    await finish(sent, 'Sent');
    await finish(heldOne, 'Held');
    await stage.caughtUp();
    const count = all().length;
    stage.clock.advanceTo('2025-12-20T09:00:00Z');
    await stage.pass();
    await stage.caughtUp();
    const going = all().filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(going.map(({ metadata }) => metadata.name)).toEqual([sent]);
    expect(all().length).toBeGreaterThanOrEqual(count);
  });

  it('suspend a feed: it asks nobody and writes nothing', async () => {
    await stage.kubectl(['patch', 'ff', 'pl', '--type=merge', '-p', '{"spec":{"suspend":true}}']);
    await stage.caughtUp();
    await stage.provider.admin.clearRequests();
    stage.writes.count = 0;
    await settle(2);
    expect(await stage.provider.admin.requests()).toEqual([]);
    expect(stage.writes.count).toBe(0);
    expect(conditionsOf()).toEqual(['Ready=True Suspended']);
  });

  it('change the lead time: every object follows at once', async () => {
    await stage.kubectl(['patch', 'ff', 'pl', '--type=merge', '-p', '{"spec":{"leadTime":"30m"}}']);
    await stage.caughtUp();
    await stage.pass();
    const leads = all().map(({ spec }) => Temporal.Instant.from(spec.kickoff).since(Temporal.Instant.from(spec.sendAt)).total('minutes'));
    expect(new Set(leads)).toEqual(new Set([30]));
  });
});

describe('a feed that is deleted', () => {
  afterEach(end);
  const remove = async (): Promise<void> => {
    await stage.kubectl(['delete', 'ff', 'pl', '--wait=false']);
    await stage.caughtUp();
  };
  const uids = (): ReadonlySet<string> => new Set(all().map(({ metadata }) => metadata.uid));

  it('goes at once and leaves its objects, which a feed of another name adopts by its own applies', async () => {
    await begin({ window: '12d' });
    const before = uids();
    await remove();
    await expect(stage.kubectl(['get', 'ff', 'pl'])).rejects.toThrow('NotFound');
    expect(uids()).toEqual(before);
    await stage.addFeed('premier', { window: '12d' });
    await stage.caughtUp();
    await stage.pass('premier');
    await stage.caughtUp();
    expect(uids()).toEqual(before);
    expect(new Set(all().map(({ metadata }) => metadata.labels?.['matchday.dev/feed']))).toEqual(new Set(['premier']));
  });

  it('with deletionPolicy Cancel deletes its objects, and is there until the last of them is gone', async () => {
    await begin({ window: '12d', deletionPolicy: 'Cancel' });
    await remove();
    await stage.pass();
    await stage.caughtUp();
    expect(all().map(({ metadata }) => metadata.deletionTimestamp)).not.toContain(undefined);
    await stage.pass();
    expect(stage.feed().metadata.finalizers).toEqual(['matchday.dev/feed-objects']);
    // What their own reconciler does when Braze holds nothing of them any more.
    const names = all().map(({ metadata }) => metadata.name);
    await stage.kubectl(['patch', 'mn', ...names, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    await stage.caughtUp();
    await stage.pass();
    await expect(stage.kubectl(['get', 'ff', 'pl'])).rejects.toThrow('NotFound');
  });
});

describe('an answer without fixtures cancels nothing and shows', () => {
  // One stage for all: each test leaves the feed well again.
  beforeAll(async () => {
    await begin();
  });
  afterAll(end);
  const list = { path: '/v4/competitions' };

  it.each([
    ['a web page', { kind: 'html', ...list } as const, 'Ready=False ProviderUnavailable', 'is not JSON'],
    ['an error of theirs', { kind: 'status', status: 503, ...list } as const, 'Ready=False ProviderUnavailable', 'answered 503'],
    ['a cut answer', { kind: 'cut', ...list } as const, 'Ready=False ProviderUnavailable', 'tried again by itself'],
    ['no answer', { kind: 'drop', ...list } as const, 'Ready=False ProviderUnavailable', 'tried again by itself'],
    ['a limit', { kind: 'rate-limit', waitSeconds: 48, ...list } as const, 'Ready=False RateLimited', 'Raise spec.interval'],
    [
      'a page of another kind',
      { kind: 'body', body: '{"matches":[]}', ...list } as const,
      'Ready=False NoFixtures',
      'Check spec.source.competition',
    ],
  ])('%s', async (_, fault, ready, says) => {
    const before = versions();
    await stage.provider.admin.addFaults([fault]);
    await stage.pass();
    expect(conditionsOf()).toContain(ready);
    expect(messageOf('Ready')).toContain(says);
    expect(messageOf('Ready')).not.toContain(TOKEN);
    if (fault.kind === 'rate-limit') expect(stage.pauseMs()).toBeGreaterThanOrEqual(48_000);
    await stage.pass();
    expect(conditionsOf()).toEqual(['Ready=True Fresh']);
    await stage.caughtUp();
    expect(versions()).toEqual(before);
  });

  it('a wrong token, until the Secret is put right', async () => {
    const before = versions();
    await stage.kubectl(['patch', 'secret', 'football-data', '--type=merge', '-p', '{"stringData":{"token":"wrong-token"}}']);
    await stage.pass();
    expect(conditionsOf()).toEqual(['Ready=False AuthFailed', 'Stalled=True AuthFailed']);
    expect(messageOf('Stalled')).toContain('Put a valid token into the Secret');
    expect(stage.events).toContain('pl AuthFailed');
    await stage.kubectl(['patch', 'secret', 'football-data', '--type=merge', '-p', `{"stringData":{"token":"${TOKEN}"}}`]);
    await stage.pass();
    expect(conditionsOf()).toEqual(['Ready=True Fresh']);
    expect(versions()).toEqual(before);
  });

  it('a competition outside the plan, and one that is not there', async () => {
    const ask = async (competition: string): Promise<void> => {
      await stage.kubectl(['patch', 'ff', 'pl', '--type=merge', '-p', JSON.stringify({ spec: { source: { competition } } })]);
      await stage.caughtUp();
      await stage.pass();
    };
    const before = versions();
    await ask('EL');
    expect(conditionsOf()).toEqual(['Ready=False Forbidden', 'Stalled=True Forbidden']);
    await ask('NONE');
    expect(conditionsOf()).toEqual(['Ready=False CompetitionNotFound', 'Stalled=True CompetitionNotFound']);
    await ask('PL');
    expect(conditionsOf()).toEqual(['Ready=True Fresh']);
    expect(versions()).toEqual(before);
  });

  it('a Secret that is gone', async () => {
    const before = versions();
    await stage.kubectl(['delete', 'secret', 'football-data']);
    await stage.pass();
    expect(conditionsOf()).toEqual(['Ready=False SecretNotFound', 'Stalled=True SecretNotFound']);
    expect(messageOf('Ready')).toContain('create it with the football-data.org token');
    expect(versions()).toEqual(before);
  });
});
