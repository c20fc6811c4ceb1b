import { describe, expect, it } from 'vitest';
import { namesOf } from '../../src/reconcilers/fixture-feed/team-names.ts';
import { type NameAnswer, NONE, UNKNOWN } from '../../src/translation/names.ts';
import { feedWith } from './samples.ts';

const VILLA = { id: '58', name: 'Aston Villa FC', tla: 'AVL' };
const asked = feedWith({ translation: { locales: ['ar', 'pt_BR'] } });
const from = (answer: NameAnswer) => ({ nameOf: () => answer });
const SHOWN = { ...VILLA, names: { ar: 'أستون فيلا', 'pt-BR': 'Aston Villa' } };

describe('the names of a side', () => {
  it('are the translations, by locale in one spelling', () => {
    const source = from({ kind: 'name', name: 'x' });
    expect(namesOf(VILLA, { feed: asked, shown: undefined, source })).toEqual({ ar: 'x', 'pt-BR': 'x' });
  });

  it.each([
    ['there is no translation, whatever was shown', NONE, SHOWN],
    ['it is not known yet', UNKNOWN, undefined],
    ['it is not known and what is shown is of another name', UNKNOWN, { ...SHOWN, name: 'Aston Villa' }],
    ['it is not known and what is shown is of another team', UNKNOWN, { ...SHOWN, id: '57' }],
  ] as const)('are the original while %s', (_why, answer, shown) => {
    const names = namesOf(VILLA, { feed: asked, shown, source: from(answer) });
    expect(names).toEqual({ ar: 'Aston Villa FC', 'pt-BR': 'Aston Villa FC' });
  });

  it('stay as shown while they are not known now: a restart or an outage takes no name back', () => {
    expect(namesOf(VILLA, { feed: asked, shown: SHOWN, source: from(UNKNOWN) })).toEqual(SHOWN.names);
  });

  it.each([
    ['the feed asks for none', feedWith(), VILLA],
    ['the team is not known', asked, {}],
    ['the team has no name yet', asked, { id: '58' }],
    ['its name is no name', asked, { id: '58', name: 'Villa {{ x }}' }],
  ])('are absent when %s', (_why, of, team) => {
    expect(namesOf(team, { feed: of, shown: undefined, source: from(NONE) })).toBeUndefined();
  });
});
