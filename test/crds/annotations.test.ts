import { describe, expect, it } from 'vitest';
import { adoptionOf, resolutionOf } from '../../src/crds/annotations.ts';

const with_ = (name: string, value: string) => ({ metadata: { annotations: { [`matchday.dev/${name}`]: value } } });
const ADOPTION = { id: 's1', campaignId: 'c1', sendAt: '2026-12-06T11:30:00Z' };

describe('an annotation whose value is JSON', () => {
  it('says nothing when it is absent', () => {
    expect(adoptionOf({ metadata: {} })).toEqual({ kind: 'nothing' });
    expect(resolutionOf({ metadata: { annotations: {} } })).toEqual({ kind: 'nothing' });
  });

  it('is read whole', () => {
    expect(adoptionOf(with_('adopt-schedule', JSON.stringify(ADOPTION)))).toEqual({ kind: 'said', value: ADOPTION });
    const resolution = { operationId: 'op1', result: 'created', scheduleId: 's7' };
    expect(resolutionOf(with_('resolve', JSON.stringify(resolution)))).toEqual({ kind: 'said', value: resolution });
  });

  it.each([
    ['no JSON', '{"id":'],
    ['another shape', '"s1"'],
    ['a missing key', JSON.stringify({ ...ADOPTION, id: undefined })],
    ['an empty id', JSON.stringify({ ...ADOPTION, id: '' })],
    ['a time that is none', JSON.stringify({ ...ADOPTION, sendAt: 'tomorrow' })],
    ['a key nobody knows', JSON.stringify({ ...ADOPTION, sendat: '2026-12-06T11:30:00Z' })],
  ])('says what is wrong with %s', (_what, text) => {
    expect(adoptionOf(with_('adopt-schedule', text))).toMatchObject({
      kind: 'unreadable',
      message: expect.stringMatching(/^The annotation matchday\.dev\/adopt-schedule can't be read: .+\.$/),
    });
  });

  it('takes only the three results', () => {
    expect(resolutionOf(with_('resolve', '{"operationId":"op1","result":"maybe"}')).kind).toBe('unreadable');
  });
});
