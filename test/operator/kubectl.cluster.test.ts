/** What a person with kubectl sees of the fixtures: a list that reads like a fixture list, and sentences about each. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../sandbox/process/until.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import { armed, inHours, stage, untilDealtWith } from './support.ts';

let stack: Stack;
let campaignId: string;
let kickoff: Temporal.Instant;
beforeAll(async () => {
  stack = await stage();
  campaignId = stack.campaign();
  kickoff = inHours(stack, 48);
  await armed(stack, { match: '2001', campaignId, kickoff });
  await stack.notify({ match: '2002', campaignId, kickoff, spec: { hold: { reason: 'Postponed', message: 'Waterlogged pitch.' } } });
  await untilDealtWith(stack, 'pl-2002', 'Held');
  await stack.notify({ match: '2003', campaignId: 'campaign-of-nobody', kickoff });
  await untilDealtWith(stack, 'pl-2003', 'CampaignNotFound');
});
afterAll(() => stack?.stop());

/** The cells of a table that kubectl prints with two or more blanks between columns, by the names of its columns. */
async function table(...args: string[]): Promise<readonly Readonly<Record<string, string>>[]> {
  const text = await stack.kubectlOrThrow(['get', ...args]);
  const [head = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  const columns = [...head.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], at: match.index }));
  return lines.map((line) =>
    Object.fromEntries(columns.map(({ name, at }, index) => [name, line.slice(at, columns[index + 1]?.at).trim()])),
  );
}
const minute = (at: Temporal.Instant): string => at.toString({ smallestUnit: 'second' });

describe('kubectl get mn', () => {
  it('reads like a fixture list', async () => {
    const rows = await table('mn');
    const common = { FIXTURE: 'Aston Villa FC v Arsenal FC', KICKOFF: minute(kickoff), 'SEND AT': minute(kickoff.subtract({ hours: 1 })) };
    expect(rows.map(({ AGE: _age, ...row }) => row)).toEqual([
      { NAME: 'pl-2001', ...common, PHASE: 'Scheduled', READY: 'True' },
      { NAME: 'pl-2002', ...common, PHASE: 'Held', READY: 'True' },
      { NAME: 'pl-2003', ...common, PHASE: 'Blocked', READY: 'False' },
    ]);
    for (const { AGE } of rows) expect(AGE).toMatch(/^\d+(s|m)/);
  });

  it('says with -o wide in which competition, under which id, and why', async () => {
    const [scheduled, held, unknown] = await table('mn', '-o', 'wide');
    const id = (await stack.notification('pl-2001')).status?.schedule?.id;
    expect(id).toBeTruthy();
    expect(scheduled).toMatchObject({ COMPETITION: 'PL', SCHEDULE: id, REASON: 'Scheduled' });
    expect(scheduled?.['MESSAGE']).toBe(
      `Braze sends it at ${minute(kickoff.subtract({ hours: 1 }))
        .replace('T', ' ')
        .replace(':00Z', 'Z')}.`,
    );
    expect(held).toMatchObject({ COMPETITION: 'PL', REASON: 'Held' });
    expect(held?.['MESSAGE']).toBe('Held: Postponed. Waterlogged pitch. To send all the same, add Postponed to spec.ignoreHold.');
    expect(unknown).toMatchObject({ COMPETITION: 'PL', REASON: 'CampaignNotFound' });
  });

  it('has no column of <none>, but the id of what Braze holds nothing of', async () => {
    for (const row of await table('mn', '-o', 'wide')) {
      const empty = Object.keys(row).filter((column) => row[column] === '' || row[column]?.includes('<'));
      expect({ [row['NAME'] ?? '']: empty }).toEqual({ [row['NAME'] ?? '']: row['NAME'] === 'pl-2001' ? [] : ['SCHEDULE'] });
    }
  });

  it('shows the workspace beside them under the category', async () => {
    const text = await stack.kubectlOrThrow(['get', 'matchday', '-o', 'name']);
    expect(text.split('\n').filter(Boolean).sort()).toEqual([
      'brazeworkspace.matchday.dev/main',
      ...['2001', '2002', '2003'].map((match) => `matchnotification.matchday.dev/pl-${match}`),
    ]);
    const [workspace] = await table('bw', '-o', 'wide');
    expect(workspace).toMatchObject({ ENDPOINT: stack.braze.url, CATALOG: 'matchday', FENCE: 'True', READY: 'True', REASON: 'Ready' });
  });
});

describe('kubectl describe mn', () => {
  it('tells of the object with its conditions and its history', async () => {
    const text = await stack.kubectlOrThrow(['describe', 'mn', 'pl-2001']);
    expect(text).toMatch(/Fixture:\s+Aston Villa FC v Arsenal FC/);
    expect(text).toMatch(/Reason:\s+Scheduled\s+Status:\s+True\s+Type:\s+Ready/);
    expect(text).toMatch(/History:\s+000001:\s+Action:\s+created/);
  });

  it('ends with events that name the fixture, what happened and why', async () => {
    const look = async (): Promise<string | undefined> => {
      const text = await stack.kubectlOrThrow(['describe', 'mn', 'pl-2001']);
      return /Normal\s+Opened/.test(text) ? text : undefined;
    };
    const text = await until(look, { what: 'the event Opened', timeoutMs: 10_000 });
    const events = text.slice(text.indexOf('\nEvents:'));
    expect(events).toMatch(
      /Normal\s+Created\s+.*Aston Villa FC v Arsenal FC: Braze holds schedule \S+ for .*Z; its catalog item is opened next\./,
    );
    expect(events).toMatch(
      /Normal\s+Opened\s+.*Aston Villa FC v Arsenal FC: the send at .*Z is armed: its catalog item was read back open\./,
    );
  });
});

describe('kubectl explain', () => {
  it('tells of mn.spec.sendAt what it is, in which unit, and what is done to it', async () => {
    const text = await stack.kubectlOrThrow(['explain', 'mn.spec.sendAt']);
    expect(text).toMatch(/KIND:\s+MatchNotification/);
    expect(text).toContain('FIELD: sendAt <string>');
    expect(text).toMatch(/DESCRIPTION:\s+When the push shall go out, RFC 3339 in UTC/);
    expect(text).toMatch(/before kickoff; seconds are\s+cut\s+off/);
  });

  it.each(['mn.spec', 'mn.status', 'bw.spec', 'ff.spec'])('has a sentence about each field of %s', async (path) => {
    const text = await stack.kubectlOrThrow(['explain', path]);
    expect(text).not.toContain('<no description>');
    expect(text).not.toContain('<empty>');
  });
});

describe('kubectl wait', () => {
  it('waits for Ready', async () => {
    await stack.notify({ match: '2004', campaignId, kickoff });
    const text = await stack.kubectlOrThrow(['wait', '--for=condition=Ready', 'mn/pl-2004', '--timeout=20s']);
    expect(text).toContain('matchnotification.matchday.dev/pl-2004 condition met');
    expect((await stack.notification('pl-2004')).status?.phase).toBe('Scheduled');
  });

  it('goes on waiting for what is not Ready', async () => {
    const { code, stderr } = await stack.kubectl(['wait', '--for=condition=Ready', 'mn/pl-2003', '--timeout=1s']);
    expect(code).toBe(1);
    expect(stderr).toContain('timed out');
  });
});
