import { describe, expect, it } from 'vitest';
import { matchNotificationSpec } from '../../../src/crds/match-notification.ts';
import { structuralSchema, walkFields } from '../../../src/crds/structural-schema.ts';
import { randomFrom } from '../sampling.ts';
import { changed, fieldsOfSpec, type Json, patchBetween } from './mutations.ts';

const NOW = Temporal.Instant.from('2026-12-06T08:00:00Z');
const FIRST: Json = {
  workspaceRef: { name: 'main' },
  campaignId: 'campaign-1',
  match: { provider: 'football-data', id: '600123', competition: 'PL', home: { id: '58', name: 'Aston Villa FC' } },
  kickoff: '2026-12-06T12:30:00Z',
  sendAt: '2026-12-06T11:30:00Z',
  audience: { broadcast: true },
};
const SPEC = structuralSchema(matchNotificationSpec);

describe('changes of a spec, made up from its schema', () => {
  it('reach every field that the API server lets people change, and try each that it does not', () => {
    const fields = fieldsOfSpec();
    const inside = (path: string): boolean => /[[*]/.test(path) || path.startsWith('spec.audience.');
    const all = [...walkFields(SPEC, 'spec')].map(({ path }) => path).filter((path) => !inside(path));
    expect([...fields.map(({ path }) => path), 'spec.workspaceRef']).toEqual(expect.arrayContaining(all));
    expect(fields.filter(({ immutable }) => immutable).map(({ path }) => path)).toEqual([
      'spec.workspaceRef.name',
      'spec.match.provider',
      'spec.match.id',
    ]);
  });

  it('fail for a new field whose values nobody can make up, rather than leave it out', () => {
    const withPattern = { ...SPEC, properties: { ...SPEC.properties, colour: { type: 'string', pattern: '^#[0-9a-f]{6}$' } } };
    expect(() => fieldsOfSpec(withPattern)).toThrow('spec.colour has a pattern of its own');
    const audience = { ...SPEC.properties?.['audience'], properties: { everybody: { type: 'boolean' } } };
    expect(() => fieldsOfSpec({ ...SPEC, properties: { ...SPEC.properties, audience } })).toThrow('spec.audience.everybody');
  });

  it('lead from a valid spec to another valid one, whatever they are chained to', () => {
    const random = randomFrom(7);
    const fields = fieldsOfSpec().filter(({ immutable }) => !immutable);
    let spec = FIRST;
    for (let round = 0; round < 20; round += 1) {
      for (const field of fields) {
        const next = changed(field, { spec, now: NOW, campaigns: ['campaign-1', 'campaign-2'], random });
        expect(matchNotificationSpec.safeParse(next).error, `${field.path}: ${JSON.stringify(next)}`).toBeUndefined();
        expect(String(next['sendAt']) < String(next['kickoff'])).toBe(true);
        spec = next;
      }
    }
  });

  it('are written as a merge patch that takes away what is gone', () => {
    const patch = patchBetween({ match: { id: '1', home: { name: 'Villa' } }, suspend: false }, { match: { id: '1' }, suspend: true });
    expect(patch).toEqual({ match: { home: null }, suspend: true });
  });
});
