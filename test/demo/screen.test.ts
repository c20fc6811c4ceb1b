import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Screen } from '../../sandbox/demo/screen.ts';

function screenOn({ isTTY, env = {} }: { readonly isTTY: boolean; readonly env?: Readonly<Record<string, string>> }) {
  const written: string[] = [];
  const out = {
    isTTY,
    write: (text: string): boolean => {
      written.push(text);
      return true;
    },
  };
  const screen = new Screen({ out, env, now: () => Temporal.Instant.from('2026-12-06T11:30:00Z') });
  return { screen, text: () => written.join('') };
}

describe('the screen of the demo', () => {
  it('writes colours on a terminal', () => {
    const { screen, text } = screenOn({ isTTY: true });
    screen.line('operator', 'leads', 'green');
    expect(text()).toContain('\u001b[32mleads\u001b[0m');
  });

  it.each([
    { name: 'in a log', isTTY: false },
    { name: 'with NO_COLOR', isTTY: true, env: { NO_COLOR: '1' } },
    { name: 'on a terminal that is dumb', isTTY: true, env: { TERM: 'dumb' } },
  ])('writes none $name', (where) => {
    const { screen, text } = screenOn(where);
    screen.chapter('The stage', 'Real servers.');
    screen.line('operator', 'leads', 'green');
    expect(text()).not.toContain('\u001b');
    expect(text()).toContain('11:30:00  operator');
  });

  it('leaves FC out of the names on its lines, and nothing else', () => {
    const { screen, text } = screenOn({ isTTY: false });
    screen.line('AFC Bournemouth v Fulham FC', '');
    screen.line('Sunderland AFC v Burnley FC', '');
    expect(text().replaceAll(/ +\n/g, '\n')).toBe('   11:30:00  Bournemouth v Fulham\n   11:30:00  Sunderland v Burnley\n');
  });

  it('shows what kubectl printed, cut where it is long, and says so', () => {
    const { screen, text } = screenOn({ isTTY: false });
    const rows = Array.from({ length: 29 }, (_, index) => `pl-${index}`);
    screen.command('kubectl get mn', ['NAME', ...rows].join('\n'));
    expect(text()).toContain('$ kubectl get mn\n   NAME\n   pl-0\n');
    expect(text()).toContain('   pl-15\n   … and 13 more\n');
  });

  describe('while something is waited for', () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('says so every ten seconds in a log', async () => {
      const { screen, text } = screenOn({ isTTY: false });
      const { promise, resolve } = Promise.withResolvers<string>();
      const waited = screen.waiting('the first sends', promise, Temporal.Instant.from('2026-12-06T11:31:05Z'));
      await vi.advanceTimersByTimeAsync(25_000);
      resolve('done');
      expect(await waited).toBe('done');
      expect(text()).toBe('   … the first sends, 01:05 to go …\n'.repeat(2));
      await vi.advanceTimersByTimeAsync(60_000);
      expect(text().split('\n')).toHaveLength(3);
    });

    it('counts down in one line of a terminal, below what happens meanwhile, and wipes it at the end', async () => {
      const { screen, text } = screenOn({ isTTY: true, env: { NO_COLOR: '1' } });
      const { promise, reject } = Promise.withResolvers<string>();
      const waited = screen.waiting('the feed polls', promise);
      await vi.advanceTimersByTimeAsync(1_000);
      screen.print('something');
      reject(new Error('broken'));
      await expect(waited).rejects.toThrow('broken');
      expect(text()).toBe('   … the feed polls …\r\u001b[2Ksomething\n   … the feed polls …\r\u001b[2K');
    });
  });
});
