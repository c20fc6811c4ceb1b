import { describe, expect, it } from 'vitest';
import { fieldsWith, toCatalogItem } from '../../src/braze/fence-item.ts';
import type { MatchNotificationSpec } from '../../src/crds/match-notification.ts';
import { contentOf, desiredOf } from '../../src/reconcilers/match-notification/content.ts';
import { notification, specOf } from './objects.ts';

type Names = Readonly<Record<string, string>> | undefined;
const VILLA = { id: '58', name: 'Aston Villa FC', tla: 'AVL' };
const ARSENAL = { id: '57', name: 'Arsenal FC', tla: 'ARS' };
const match = (home: Names, away?: Names): MatchNotificationSpec['match'] => ({
  provider: 'football-data',
  id: '600123',
  competition: 'PL',
  home: { ...VILLA, ...(home === undefined ? {} : { names: { ...home } }) },
  away: { ...ARSENAL, ...(away === undefined ? {} : { names: { ...away } }) },
});
const BASE = { home: 'Aston Villa FC', away: 'Arsenal FC', kickoff: '2026-12-06T12:30:00Z', competition: 'PL' };

describe('the content of a notification', () => {
  it('without translations is what it always was', () => {
    expect(contentOf(specOf())).toEqual(BASE);
  });

  it('has both teams in each locale, a region spelt as Liquid can read it', () => {
    const spec = specOf({ match: match({ ar: 'أستون فيلا', 'pt-BR': 'Villa' }, { ar: 'أرسنال', 'pt-BR': 'Arsenal' }) });
    expect(contentOf(spec)).toEqual({ ...BASE, home_ar: 'أستون فيلا', away_ar: 'أرسنال', home_pt_BR: 'Villa', away_pt_BR: 'Arsenal' });
  });

  it('shows no half a fixture: a team without a name in a locale is shown by its own', () => {
    expect(contentOf(specOf({ match: match({ ar: 'أستون فيلا' }) }))).toEqual({ ...BASE, home_ar: 'أستون فيلا', away_ar: 'Arsenal FC' });
  });
});

describe('content that is too long for an item', () => {
  it('loses translations, and never a name that a message had before', () => {
    const locales = 'abcdefghijklmnopqrst'.split('').map((letter) => `x${letter}`);
    const long = Object.fromEntries(locales.map((locale) => [locale, 'ن'.repeat(128)]));
    const item = { id: 'i', token: 't', state: 'open', owner: 'o', sendAt: '', sentAt: '', announcedSendAt: '' } as const;
    const stored = toCatalogItem({ ...item, content: contentOf(specOf({ match: match(long, long) })) }, fieldsWith(locales));
    expect(stored).toMatchObject({ ...BASE, token: 't', state: 'open', owner: 'o' });
    expect(JSON.stringify(stored).length).toBeLessThanOrEqual(5_000);
    expect(Object.keys(stored)).toContain('home_xa');
  });
});

describe('a name that is translated later', () => {
  const wish = (home: Names, options: Parameters<typeof desiredOf>[2] = {}) =>
    desiredOf(notification({ spec: { match: match(home) } }), 'cluster-a', options);
  const AR = fieldsWith(['ar']);

  it('is another content, and nothing else that a schedule is judged by', () => {
    const [before, after] = [wish({ ar: 'Aston Villa FC' }, { fields: AR }), wish({ ar: 'أستون فيلا' }, { fields: AR })];
    expect(after.contentHash).not.toBe(before.contentHash);
    expect({ ...after, contentHash: '' }).toEqual({ ...before, contentHash: '' });
  });

  it('is no reason to write while the catalog has no field for it, and becomes one when it does', () => {
    const without = wish(undefined, { fields: fieldsWith([]) });
    expect(wish({ ar: 'أستون فيلا' }, { fields: fieldsWith([]) }).contentHash).toBe(without.contentHash);
    expect(wish({ ar: 'أستون فيلا' }, { fields: fieldsWith(['es']) }).contentHash).toBe(without.contentHash);
    expect(wish({ ar: 'أستون فيلا' }, { fields: AR }).contentHash).not.toBe(without.contentHash);
  });

  it('rides in the trigger properties where there is no fence, whatever a catalog has', () => {
    const [before, after] = [wish({ ar: 'x' }, { fenced: false, fields: AR }), wish({ ar: 'y' }, { fenced: false, fields: AR })];
    expect(after.propertiesHash).not.toBe(before.propertiesHash);
  });
});
