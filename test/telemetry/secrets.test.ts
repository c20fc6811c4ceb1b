import { describe, expect, it } from 'vitest';
import { Secrets } from '../../src/telemetry/secrets.ts';

describe('the secrets of the process', () => {
  it('replaces every spelling of a value', () => {
    const secrets = new Secrets();
    const value = 'pa"ss/wörd+1';
    secrets.register('x', value);
    for (const text of [value, JSON.stringify({ value }), `?p=${encodeURIComponent(value)}`, Buffer.from(value).toString('base64')]) {
      const clean = secrets.scrub(`a ${text} b ${text}`);
      expect(clean).toContain('[redacted]');
      expect(clean).not.toContain('ss/w');
      expect(clean).not.toContain('ss%2Fw');
      expect(clean).not.toContain(Buffer.from(value).toString('base64').slice(0, 8));
    }
  });

  it('keeps the value before a rotation and drops the one before that', () => {
    const secrets = new Secrets();
    for (const value of ['key-number-1', 'key-number-2', 'key-number-2', 'key-number-3']) secrets.register('x', value);
    expect(secrets.scrub('key-number-1 key-number-2 key-number-3')).toBe('key-number-1 [redacted] [redacted]');
  });

  it('replaces a value that begins with another one whole', () => {
    const secrets = new Secrets();
    secrets.register('a', 'shared-start');
    secrets.register('b', 'shared-start-and-tail');
    expect(secrets.scrub('<shared-start-and-tail>')).toBe('<[redacted]>');
  });

  it('takes values apart by owner, and forgets an owner', () => {
    const secrets = new Secrets();
    secrets.register('a', 'first-value');
    secrets.register('b', 'other-value');
    secrets.forget('a');
    expect(secrets.scrub('first-value other-value')).toBe('first-value [redacted]');
  });

  it('takes no ordinary words out because of a tiny value, and reads none as a pattern', () => {
    const secrets = new Secrets();
    secrets.register('a', 'the');
    secrets.register('b', '......');
    expect(secrets.scrub('the weather')).toBe('the weather');
  });
});
