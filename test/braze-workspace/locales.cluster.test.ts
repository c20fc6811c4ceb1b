/** The fields that a catalog gets for translated names. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_API_KEY } from '../../sandbox/braze/index.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import { FENCED, stageWorkspace, type WorkspaceStage } from './stage.ts';

async function ready(): Promise<WorkspaceStage> {
  const stage = await stageWorkspace();
  onTestFinished(() => stage.stop());
  await stage.notification('pl-1', FENCED);
  await stage.passUntil('Ready');
  return stage;
}

const feedIn = (locales: readonly string[], name = 'main'): FixtureFeed =>
  ({ spec: { translation: { locales }, template: { spec: { workspaceRef: { name } } } } }) as unknown as FixtureFeed;
const fieldsOf = (stage: WorkspaceStage) => stage.braze.catalogs()[0]?.fields.map(({ name }) => name) ?? [];
const taken = (stage: WorkspaceStage) => {
  const found = stage.lookup();
  return found.kind === 'usable' ? [...found.contentFields].filter((field) => /^(home|away)_/.test(field)) : found;
};
const AR = ['home_ar', 'away_ar'];

async function passes(stage: WorkspaceStage, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await stage.pass();
    await stage.braze.settled();
  }
}

describe('a catalog', () => {
  it('gets the fields of a feed before there is a name, and the notifications hear of it', async () => {
    const stage = await ready();
    expect(taken(stage)).toEqual([]);
    stage.feeds = [feedIn(['ar', 'pt-BR']), feedIn(['de'], 'another')];
    const woken = stage.woken;
    await passes(stage, 3);
    expect(fieldsOf(stage)).toEqual(expect.arrayContaining([...AR, 'home_pt_BR', 'away_pt_BR']));
    expect(fieldsOf(stage)).not.toContain('home_de');
    expect(taken(stage)).toEqual([...AR, 'home_pt_BR', 'away_pt_BR']);
    expect(stage.woken).toBe(woken + 1);
    expect(stage.events).toContain('CatalogExtended: Catalog matchday gets the fields home_ar, away_ar, home_pt_BR, away_pt_BR.');
    expect(stage.object().status?.locales).toEqual(['ar', 'pt-BR']);
  });

  it('is known to a new process to have them, without a call and without a write', async () => {
    const stage = await ready();
    stage.feeds = [feedIn(['ar'])];
    await passes(stage, 3);
    const [calls, writes] = [stage.calls(), stage.writes];
    stage.restart();
    await passes(stage, 2);
    expect([stage.calls(), stage.writes]).toEqual([calls, writes]);
    expect(taken(stage)).toEqual(AR);
  });

  it.each([
    ['is refused', { kind: 'refuse', status: 400, body: { message: 'Invalid Request' } }],
    ['is never answered', { kind: 'drop-before' }],
  ] as const)('whose extension %s stays as usable as it is, says so once, and is asked again', async (_how, action) => {
    const stage = await ready();
    const fault = stage.braze.fault({ match: { endpoint: 'fields-add' }, action, times: 3 });
    stage.feeds = [feedIn(['ar'])];
    await passes(stage, 3);
    expect(fault.hits.length).toBeGreaterThan(1);
    expect(stage.lookup().kind).toBe('usable');
    expect(taken(stage)).toEqual([]);
    expect(stage.events.filter((event) => event.startsWith('CatalogNotExtended'))).toHaveLength(1);
    await passes(stage, 6);
    expect(taken(stage)).toEqual(AR);
  });

  it('that has such a field with another type leaves that locale out, and says what to delete', async () => {
    const stage = await ready();
    const added = await fetch(`${stage.braze.url}/catalogs/matchday/fields`, {
      method: 'POST',
      headers: { authorization: `Bearer ${DEFAULT_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ fields: [{ name: 'home_ar', type: 'number' }] }),
    });
    expect(added.status).toBe(202);
    stage.feeds = [feedIn(['ar', 'es'])];
    await passes(stage, 4);
    expect(stage.events).toContainEqual(
      expect.stringContaining('CatalogNotExtended: Catalog matchday has home_ar with another type than string'),
    );
    expect(taken(stage)).toEqual(['home_es', 'away_es']);
    expect(stage.object().status?.locales).toEqual(['es']);
    expect(stage.condition('Ready')?.status).toBe('True');
  });
});
