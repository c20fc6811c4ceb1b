import { afterEach, describe, expect, it } from 'vitest';
import { Agenda } from '../../sandbox/braze/agenda.ts';
import { startBrazeSimulator } from '../../sandbox/braze/index.ts';
import { SandboxClock } from '../../sandbox/clock/sandbox-clock.ts';
import { ManualClock, PLAIN, START } from './harness.ts';

let agenda: Agenda | undefined;
afterEach(() => agenda?.stop());

const START_MS = Date.parse(START);

function started(): { clock: ManualClock; agenda: Agenda; seen: string[] } {
  const clock = new ManualClock(START);
  agenda = new Agenda(clock, () => 0);
  return { clock, agenda, seen: [] };
}

describe('the agenda', () => {
  it('runs what one jump passes in order of time, each step as of its own moment, equal moments in order of entry', () => {
    const { clock, agenda: plan, seen } = started();
    for (const [name, after] of [
      ['c', 3],
      ['a', 1],
      ['b', 2],
      ['b2', 2],
    ] as const) {
      plan.at(START_MS + after * 1000, (atMs) => {
        seen.push(`${name}@${(atMs - START_MS) / 1000}`);
      });
    }
    clock.advance({ seconds: 2 });
    expect(seen).toEqual(['a@1', 'b@2', 'b2@2']);
    clock.advance({ seconds: 1 });
    expect(seen.at(-1)).toBe('c@3');
  });

  it('runs what a step adds for a moment that the same jump passes', () => {
    const { clock, agenda: plan, seen } = started();
    plan.at(START_MS + 1000, () => {
      plan.at(START_MS + 2000, () => {
        seen.push('added');
      });
    });
    plan.at(START_MS + 3000, () => {
      seen.push('later');
    });
    clock.advance({ seconds: 5 });
    expect(seen).toEqual(['added', 'later']);
  });

  it('waits for a step that takes its time before the next', async () => {
    const { clock, agenda: plan, seen } = started();
    const gate = Promise.withResolvers<void>();
    plan.at(START_MS + 1000, async () => {
      await gate.promise;
      seen.push('slow');
    });
    plan.at(START_MS + 2000, () => {
      seen.push('next');
    });
    clock.advance({ seconds: 5 });
    expect(seen).toEqual([]);
    gate.resolve();
    await plan.settled();
    expect(seen).toEqual(['slow', 'next']);
  });

  it('forgets what was taken back, and everything when it stops', async () => {
    const { clock, agenda: plan, seen } = started();
    const undo = plan.at(START_MS + 1000, () => {
      seen.push('undone');
    });
    plan.at(START_MS + 9000, () => {
      seen.push('stopped');
    });
    undo();
    clock.advance({ seconds: 2 });
    await plan.stop();
    clock.advance({ seconds: 20 });
    expect(seen).toEqual([]);
  });
});

describe('on a clock that runs', () => {
  it('a schedule fires by itself, at its own time', async () => {
    const clock = new SandboxClock({ instant: Temporal.Instant.from(START), rate: 0 });
    const sim = await startBrazeSimulator({ clock, campaigns: [{ id: PLAIN, template: 'x' }] });
    try {
      const response = await fetch(`${sim.url}/campaigns/trigger/schedule/create`, {
        method: 'POST',
        headers: { authorization: 'Bearer sandbox-braze-key', 'content-type': 'application/json' },
        body: JSON.stringify({ campaign_id: PLAIN, broadcast: true, schedule: { time: '2026-12-06T11:30:00Z' } }),
      });
      expect(response.status).toBe(201);
      clock.setRate(100_000);
      // The campaign's own mark: asking for deliveries would itself run what is due.
      await expect.poll(() => sim.campaigns()[0]?.lastSentMs).toBe(Date.parse('2026-12-06T11:30:00Z'));
      expect(sim.deliveries()).toHaveLength(5);
    } finally {
      await sim.stop();
    }
  });

  it('a schedule of weeks ahead fires after a jump, and two simulators share one clock', async () => {
    const clock = new SandboxClock({ instant: Temporal.Instant.from(START) });
    const sims = await Promise.all([0, 1].map(() => startBrazeSimulator({ clock, campaigns: [{ id: PLAIN, template: 'x' }] })));
    try {
      for (const sim of sims) {
        await fetch(`${sim.url}/campaigns/trigger/schedule/create`, {
          method: 'POST',
          headers: { authorization: 'Bearer sandbox-braze-key', 'content-type': 'application/json' },
          body: JSON.stringify({ campaign_id: PLAIN, broadcast: true, schedule: { time: '2027-01-20T11:30:00Z' } }),
        });
      }
      clock.set(Temporal.Instant.from('2027-01-20T11:30:00Z'));
      expect(sims.map((sim) => sim.campaigns()[0]?.lastSentMs)).toEqual(Array(2).fill(Date.parse('2027-01-20T11:30:00Z')));
    } finally {
      await Promise.all(sims.map((sim) => sim.stop()));
    }
  });
});
