import { describe, expect, it } from 'vitest';
import { CallWindow } from '../../src/football-data/call-window.ts';
import { at } from './rows.ts';

const NOW = at('2026-05-02T10:00:00Z');
const inSeconds = (seconds: number) => NOW.add({ milliseconds: Math.round(seconds * 1000) });
const said = (remaining: number | undefined, resetAt?: Temporal.Instant) => ({ remaining, resetAt });

describe('the calls of a token', () => {
  it('are nine of the free plan’s ten before anything was said', () => {
    expect(new CallWindow().free(NOW)).toBe(9);
  });

  it('are counted by ourselves where answers carry no counter', () => {
    const window = new CallWindow();
    for (let n = 0; n < 9; n += 1) window.sent(inSeconds(n));
    expect(window.free(inSeconds(9))).toBe(0);
    expect(window.renewsAt(inSeconds(9))).toEqual(inSeconds(60));
    expect(window.free(inSeconds(60))).toBe(1);
  });

  it('are what the last answer said, less one that is kept spare', () => {
    const window = new CallWindow();
    window.sent(NOW);
    window.heard(said(29, inSeconds(60)), NOW);
    expect(window.free(inSeconds(1))).toBe(28);
    window.sent(inSeconds(1));
    expect(window.free(inSeconds(1))).toBe(27);
  });

  it('are fewer when somebody else uses the token', () => {
    const window = new CallWindow();
    window.sent(NOW);
    window.heard(said(1, inSeconds(20)), NOW);
    expect(window.free(inSeconds(1))).toBe(0);
    expect(window.renewsAt(inSeconds(1))).toEqual(inSeconds(21));
  });

  it('are there again a second after the window’s end, since seconds left are whole ones', () => {
    const window = new CallWindow();
    window.sent(NOW);
    window.heard(said(1, inSeconds(20)), NOW);
    expect([20.5, 21].map((seconds) => window.free(inSeconds(seconds)))).toEqual([0, 8]);
  });

  it('are none while the provider asks to wait, and the longest wait counts', () => {
    const window = new CallWindow();
    window.blocked(inSeconds(48));
    window.blocked(inSeconds(12));
    expect(window.free(inSeconds(47))).toBe(0);
    expect(window.renewsAt(inSeconds(1))).toEqual(inSeconds(48));
    expect(window.free(inSeconds(48))).toBe(9);
  });

  it('are not more because an answer came late', () => {
    const window = new CallWindow();
    window.heard(said(3, inSeconds(60)), NOW);
    window.heard(said(5, inSeconds(60)), NOW);
    expect(window.free(NOW)).toBe(2);
  });
});
