import { afterEach, describe, expect, it } from 'vitest';
import { CAMPAIGN, type Harness, harness, PLAIN } from './harness.ts';

let h: Harness;
afterEach(() => h.stop());

const CREATE = '/campaigns/trigger/schedule/create';
const good = { campaign_id: PLAIN, broadcast: true, schedule: { time: '2026-12-06T11:30:00Z' } };
const ids = (count: number, of: (index: number) => object) => Array.from({ length: count }, (_, index) => of(index));

describe('contracts 1.8: a create that is wrong changes nothing and says so', () => {
  it.each([
    ['no schedule', { schedule: undefined }, 400, 'Bad Request'],
    ['an unparsable time', { schedule: { time: 'tomorrow at noon' } }, 400, 'Bad Request'],
    ['an impossible date', { schedule: { time: '2026-02-30T11:30:00Z' } }, 400, 'Bad Request'],
    ['a local time that has passed', { schedule: { time: '2026-12-06T08:00:00', in_local_time: true } }, 400, 'Bad Request'],
    ['a zone designator on a local time', { schedule: { time: '2026-12-07T08:00:00Z', in_local_time: true } }, 400, 'Bad Request'],
    ['a zone designator on an optimal time', { schedule: { time: '2026-12-07T08:00:00Z', at_optimal_time: true } }, 400, 'Bad Request'],
    ['neither recipients nor broadcast', { broadcast: false }, 400, 'No Recipients'],
    ['an empty list of recipients', { broadcast: false, recipients: [] }, 400, 'No Recipients'],
    ['an audience without broadcast', { broadcast: undefined, audience: { AND: [] } }, 400, 'No Recipients'],
    ['recipients together with broadcast', { recipients: [{ external_user_id: 'fan-1' }] }, 400, 'Bad Request'],
    ['an audience without AND or OR', { audience: { club: 'AVL' } }, 400, 'Bad Request'],
    ['a recipient of two identifiers', { broadcast: false, recipients: [{ external_user_id: 'a', email: 'b' }] }, 400, 'Bad Request'],
    ['a recipient of none', { broadcast: false, recipients: [{ prioritization: [] }] }, 400, 'Bad Request'],
    [
      'send_to_existing_only with an alias',
      { broadcast: false, recipients: [{ user_alias: { alias_name: 'a', alias_label: 'b' }, send_to_existing_only: true }] },
      400,
      'Bad Request',
    ],
    [
      'send_to_existing_only false without attributes',
      { broadcast: false, recipients: [{ external_user_id: 'a', send_to_existing_only: false }] },
      400,
      'Bad Request',
    ],
    ['no campaign', { campaign_id: undefined }, 400, 'Invalid Campaign ID'],
    ['an unknown campaign', { campaign_id: 'nobody' }, 400, 'Invalid Campaign ID'],
    ['the id of a canvas', { campaign_id: 'canvas-1' }, 400, 'Invalid Campaign ID'],
    [
      '51 external ids',
      { broadcast: false, recipients: ids(51, (n) => ({ external_user_id: `fan-${n}` })) },
      400,
      'The max number of external_ids and aliases per request was exceeded',
    ],
    [
      '51 ids of other kinds',
      { broadcast: false, recipients: ids(51, (n) => ({ braze_id: `b-${n}` })) },
      400,
      'The max number of ids per request was exceeded',
    ],
    ['50 KB of trigger properties', { trigger_properties: { home: 'x'.repeat(50 * 1024) } }, 400, 'Bad Request'],
    [
      '50 KB of one recipient',
      { broadcast: false, recipients: [{ external_user_id: 'a', trigger_properties: { home: 'x'.repeat(51_200) } }] },
      400,
      'Bad Request',
    ],
    ['trigger properties that are a list', { trigger_properties: [1] }, 400, 'Bad Request'],
    ['a send id that nobody made', { send_id: 'unheard' }, 400, 'Bad Request'],
  ])('%s', async (_, change, status, message) => {
    h = await harness();
    const answer = await h.call('POST', CREATE, { ...good, ...change });
    expect([answer.status, answer.json['message']]).toEqual([status, message]);
    expect(h.sim.schedules()).toHaveLength(0);
  });

  it('takes exactly 50 recipients and a little under 50 KB', async () => {
    h = await harness();
    const recipients = ids(50, (n) => ({ external_user_id: `fan-${n}` }));
    const answer = await h.create({ broadcast: false, recipients, trigger_properties: { home: 'x'.repeat(50 * 1024 - 20) } });
    expect(answer.json['message']).toBe('success');
  });

  it('an "API campaign" is not an API-triggered one', async () => {
    h = await harness();
    h.sim.addCampaign({ id: 'api', type: 'api' });
    expect((await h.create({ campaign_id: 'api' })).json['message']).toBe('Invalid Campaign ID');
  });
});

describe('contracts 1.8: the request as such', () => {
  it.each([
    ['half of a JSON text', '{"campaign_id":'],
    ['a JSON text that is no object', '[1,2]'],
    ['nothing', ''],
  ])('%s answers 400 with a field named error', async (_, raw) => {
    h = await harness();
    const answer = await h.call('POST', CREATE, undefined, { raw });
    expect([answer.status, answer.json]).toEqual([400, { error: 'Error while parsing request body. Please check your syntax.' }]);
  });

  it('another content type answers 415', async () => {
    h = await harness();
    const answer = await h.call('POST', CREATE, good, { headers: { 'content-type': 'text/plain' } });
    expect([answer.status, answer.json['message']]).toEqual([415, undefined]);
    expect(typeof answer.json['error']).toBe('string');
  });

  it.each([413, 400] as const)('more than 4 MB answers %i', async (tooLarge) => {
    h = await harness({ tooLarge });
    const answer = await h.call('POST', CREATE, { ...good, junk: 'x'.repeat(4 * 1024 * 1024) });
    expect(answer.status).toBe(tooLarge);
    expect(typeof answer.json['error']).toBe('string');
  });

  it.each([
    ['an unknown path', 'POST', '/campaigns/trigger/nothing'],
    ['another method', 'GET', CREATE],
    ['a trailing slash', 'POST', `${CREATE}/`],
  ])('%s answers 404 Invalid URL', async (_, method, path) => {
    h = await harness();
    const answer = await h.call(method, path, method === 'GET' ? undefined : good);
    expect([answer.status, answer.json['message']]).toEqual([404, 'Invalid URL']);
  });

  it('a trailing slash may answer 403 as well', async () => {
    h = await harness({ trailingSlash: 403 });
    expect((await h.call('POST', `${CREATE}/`, good)).status).toBe(403);
  });
});

describe('contracts 1.1 and 1.8: keys', () => {
  it.each([
    ['a wrong key', 'Bearer wrong'],
    ['no Bearer', 'sandbox-braze-key'],
    ['a quoted key', 'Bearer "sandbox-braze-key"'],
    ['another scheme', 'Basic sandbox-braze-key'],
  ])('%s answers 401', async (_, authorization) => {
    h = await harness();
    const answer = await h.call('POST', CREATE, good, { headers: { authorization } });
    expect([answer.status, answer.json['message']]).toEqual([401, 'Invalid API Key']);
  });

  it('the page calls it Unauthorized', async () => {
    h = await harness({ unauthorizedMessage: 'Unauthorized' });
    expect((await h.call('POST', CREATE, good, { key: 'wrong' })).json['message']).toBe('Unauthorized');
  });

  it.each([
    [403, 'Access Denied'],
    [401, 'Invalid API Key'],
  ] as const)('a key without the permission answers %i', async (missingPermission, message) => {
    h = await harness({ missingPermission });
    h.sim.addKey({ name: 'reader', key: 'reads', permissions: ['campaigns.details'] });
    const answer = await h.call('POST', CREATE, good, { key: 'reads' });
    expect([answer.status, answer.json['message']]).toEqual([missingPermission, message]);
    expect((await h.call('GET', `/campaigns/details?campaign_id=${PLAIN}`, undefined, { key: 'reads' })).status).toBe(200);
  });

  it('an account that may not answers 403 Forbidden', async () => {
    h = await harness({ accountForbidden: true });
    const answer = await h.create();
    expect([answer.status, answer.json['message']]).toEqual([403, 'Forbidden']);
  });

  it('a key can be rotated but not edited', async () => {
    h = await harness();
    expect(() => h.sim.addKey({ name: 'default', key: 'new', permissions: '*' })).toThrow(/can not be edited/);
    h.sim.addKey({ name: 'second', key: 'new', permissions: '*' });
    h.sim.removeKey('default');
    expect((await h.call('POST', CREATE, good)).status).toBe(401);
    expect((await h.call('POST', CREATE, good, { key: 'new' })).status).toBe(201);
  });

  it('is logged by its name and nowhere as itself', async () => {
    h = await harness();
    await h.create();
    await h.create({ campaign_id: CAMPAIGN, broadcast: false });
    expect(h.sim.log.entries.map((entry) => entry.keyName)).toEqual(['default', 'default']);
    expect(JSON.stringify([h.sim.log.entries, h.sim.keys(), h.sim.schedules()])).not.toContain('sandbox-braze-key');
  });
});
