import { describe, expect, it } from 'vitest';
import { NameTable } from '../../src/translation/name-table.ts';

const said = (table: NameTable, locale: string, teamId = '58') => table.nameOf({ teamId, name: 'Aston Villa FC', locale });
const NONE = { kind: 'none' };
const named = (name: string) => ({ kind: 'name', name });

describe('a table of names', () => {
  it('has a name by locale and team id, from an entry or from a page of YAML or JSON', () => {
    const table = new NameTable({
      'ar.58': 'أستون فيلا',
      'es.yaml': '# clubs\n58: Aston Villa\n"57": Arsenal',
      'fr.json': '{"58": "Aston Villa de Birmingham"}',
    });
    expect(table.complaints).toEqual([]);
    expect([said(table, 'ar'), said(table, 'es'), said(table, 'fr'), said(table, 'es', '57')]).toEqual([
      named('أستون فيلا'),
      named('Aston Villa'),
      named('Aston Villa de Birmingham'),
      named('Arsenal'),
    ]);
    expect(table.size).toBe(4);
  });

  it('has none for another team, another locale, or nothing', () => {
    const table = new NameTable({ 'ar.58': 'أستون فيلا', 'es.yaml': '' });
    expect([said(table, 'ar', '57'), said(table, 'es'), said(new NameTable({}), 'ar')]).toEqual([NONE, NONE, NONE]);
    expect(table.complaints).toEqual([]);
  });

  it('falls back from a region to its language, and never the other way', () => {
    const table = new NameTable({ 'ar.58': 'ar', 'zh-Hant.58': 'zh-Hant', 'pt-BR.58': 'pt-BR' });
    expect([said(table, 'ar-EG'), said(table, 'ar_EG'), said(table, 'zh-Hant-TW')]).toEqual([named('ar'), named('ar'), named('zh-Hant')]);
    expect([said(table, 'pt'), said(table, 'zh')]).toEqual([NONE, NONE]);
  });

  it('prefers the nearest locale, and an entry to a page', () => {
    const table = new NameTable({ 'ar.58': 'entry', 'ar.yaml': '58: page', 'ar-EG.yaml': '58: Egypt' });
    expect([said(table, 'ar'), said(table, 'ar-EG')]).toEqual([named('entry'), named('Egypt')]);
  });

  it('reads locales in any case and with either stroke', () => {
    expect(said(new NameTable({ 'AR_eg.58': 'x' }), 'ar-EG')).toEqual(named('x'));
  });

  it('takes every scalar of a page for a text: a club may be called No, or 1860', () => {
    const table = new NameTable({ 'de.yaml': '1: No\n2: 1860\n3: null\n007: Bond' });
    expect(['1', '2', '3', '007', '7'].map((id) => said(table, 'de', id))).toEqual([
      named('No'),
      named('1860'),
      named('null'),
      named('Bond'),
      NONE,
    ]);
  });
});

describe('what is wrong in a table', () => {
  it.each([
    ['a key without a locale', { names: 'x' }, '"names" is neither'],
    ['a key without a team', { 'ar.': 'x' }, '"ar." is neither'],
    ['a page that is no YAML', { 'ar.yaml': '58: [' }, `"ar.yaml" can't be read`],
    ['a team named twice on a page', { 'ar.yaml': '58: a\n58: b' }, `"ar.yaml" can't be read`],
    ['a page that grows by aliases', { 'ar.yaml': '1: &a x\n2: *a' }, `"ar.yaml" can't be read`],
    ['a page that is a list', { 'ar.yaml': '- 58' }, '"ar.yaml" is no list of <team id>: <name>'],
    ['a page of pages', { 'ar.yaml': '58: {name: x}' }, '"ar.yaml": 58 is no <team id>: <name>'],
    ['an instruction to a template', { 'ar.58': '{{ x }}' }, '"ar.58": the name of team 58 is left out'],
    ['an instruction on a page', { 'ar.yaml': "58: '{% x %}'" }, '"ar.yaml": the name of team 58 is left out'],
  ] as const)('%s is named and left out, and costs nothing else', (_what, data, complaint) => {
    const table = new NameTable({ ...data, 'es.58': 'Villa' });
    expect(table.complaints).toEqual([expect.stringContaining(complaint)]);
    expect([said(table, 'es'), said(table, 'ar')]).toEqual([named('Villa'), NONE]);
  });
});
