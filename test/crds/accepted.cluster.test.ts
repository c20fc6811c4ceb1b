import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type KindsApi, kindsApi } from './api.ts';
import { type Changes, type Json, type KindName, sample } from './samples.ts';

let api: KindsApi;
beforeAll(async () => {
  api = await kindsApi();
});

function stored(answer: Answer): Json {
  if ('refused' in answer) throw new Error(answer.refused);
  return answer.stored;
}
const specOf = (object: Json): Json => object['spec'] as Json;

const GOOD: readonly (readonly [KindName, string, Changes])[] = [
  ['MatchNotification', 'the plain one', {}],
  ['MatchNotification', 'teams not known yet', { 'match.home': undefined, 'match.away': undefined, 'match.matchday': undefined }],
  ['MatchNotification', 'a team with an id alone', { 'match.home': { id: '58' } }],
  [
    'MatchNotification',
    'names in twenty locales',
    {
      'match.home.names': {
        ar: 'أستون فيلا',
        'pt-BR': 'Villa',
        ...Object.fromEntries('abcdefghijklmnopqr'.split('').map((c) => [`x${c}`, 'x'])),
      },
    },
  ],
  [
    'MatchNotification',
    'fifty recipients',
    { audience: { recipients: Array.from({ length: 50 }, (_, n) => ({ external_user_id: `fan-${n}` })) } },
  ],
  ['MatchNotification', 'a recipient by alias', { audience: { recipients: [{ user_alias: { alias_name: 'a', alias_label: 'b' } }] } }],
  [
    'MatchNotification',
    'forty trigger properties',
    { triggerProperties: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`p${n}`, 'x'])) },
  ],
  ['MatchNotification', 'a trigger property that only looks reserved', { triggerProperties: { homepage: 'x', tokens: 'y' } }],
  ['MatchNotification', 'never late', { startingDeadline: '0s' }],
  ['MatchNotification', 'sendAt a second before kickoff', { sendAt: '2026-12-06T12:29:59Z' }],
  ['MatchNotification', 'instants with fractions', { sendAt: '2026-12-06T11:30:00.123456789Z' }],
  ['MatchNotification', 'held, and overruled', { hold: { reason: 'Postponed', message: 'snow' }, ignoreHold: ['Postponed'] }],
  ['FixtureFeed', 'the plain one', {}],
  ['FixtureFeed', 'everything said', { interval: '10s', window: '366d', teams: ['57', 'AVL'], translation: { locales: ['ar', 'pt-BR'] } }],
  [
    'FixtureFeed',
    'a table and a translator',
    {
      translation: {
        locales: ['ar', 'es'],
        configMapRef: { name: 'team-names' },
        provider: {
          url: 'https://translate.example.com/libre',
          apiKeySecretRef: { name: 't', key: 'k' },
          requestsPerMinute: 5,
          timeout: '20s',
        },
      },
    },
  ],
  ['FixtureFeed', 'a translator beside the operator', { translation: { locales: ['ar'], provider: { url: 'http://127.0.0.1:5000' } } }],
  ['BrazeWorkspace', 'the plain one', {}],
  ['BrazeWorkspace', 'loopback by http', { endpoint: 'http://127.0.0.1:8080' }],
  ['BrazeWorkspace', 'loopback by http, version 6', { endpoint: 'http://[::1]:8080' }],
  ['BrazeWorkspace', 'the longest horizon, in parts', { horizon: '89d23h59m59s' }],
  ['BrazeWorkspace', 'no fence', { fence: undefined }],
];

describe('the API server stores', () => {
  it.each(GOOD)('%s: %s', async (kind, what, changes) => {
    const object = sample(kind, what.replaceAll(/[^a-z0-9]+/g, '-'), changes);
    expect(specOf(stored(await api.create(object)))).toMatchObject(specOf(object));
  });

  it("a Connected Audience with Braze's own fields, untouched", async () => {
    const connected = {
      AND: [{ push_subscription_status: { comparison: 'is', value: 'opted_in' }, deep: { er: [1, { x: null }] } }],
      extra: 1,
    };
    const answer = stored(await api.create(sample('MatchNotification', 'connected', { audience: { connected } })));
    expect(specOf(answer)['audience']).toEqual({ connected });
  });
});

describe('what nobody wrote gets its default', () => {
  it('in a MatchNotification', async () => {
    const spec = specOf(stored(await api.create(sample('MatchNotification', 'defaults'))));
    expect(spec).toMatchObject({ suspend: false, deletionPolicy: 'Cancel', startingDeadline: '10m', resendAfter: '6h' });
  });

  it('in a FixtureFeed', async () => {
    const spec = specOf(stored(await api.create(sample('FixtureFeed', 'defaults'))));
    const times = { interval: '5m', leadTime: '60m', window: '30d', ttlAfterSent: '30d' };
    expect(spec).toMatchObject({ ...times, unconfirmedKickoff: 'Hold', maxChangesPerPoll: '20%', suspend: false });
  });

  it('in a BrazeWorkspace, down to the limits', async () => {
    const spec = specOf(stored(await api.create(sample('BrazeWorkspace', 'defaults'))));
    expect(spec).toMatchObject({ unresolved: 'Block', updateBuffer: '20m', horizon: '30d', requestTimeout: '10s', suspend: false });
    expect(spec).toMatchObject({
      fence: { catalog: 'matchday', margin: '60s' },
      limits: { requestsPerHour: 250_000, catalogSyncPerMinute: 45 },
    });
  });
});

describe('a status as large as the operator may write it', () => {
  it('is stored', async () => {
    stored(await api.create(sample('MatchNotification', 'full-status')));
    const at = '2026-12-06T11:30:00Z';
    const entry = { at, action: 'created', outcome: 'unknown', attempt: 3, reason: 'Creating', message: 'x'.repeat(1000) };
    const history = Object.fromEntries(Array.from({ length: 201 }, (_, n) => [String(n).padStart(6, '0'), entry]));
    const token = 'abcd1234.17.0123456789abcdef';
    const status = {
      phase: 'Scheduled',
      fence: { item: 'i', token: '', state: 'closed', confirmed: false, contentHash: 'h', announcedAt: at, unsettled: [token, token] },
      history,
      lastHandledReconcileAt: 'anything at all',
    };
    const input = JSON.stringify({ ...sample('MatchNotification', 'full-status'), spec: undefined, status });
    const { code, stderr } = await api.cluster.kubectl(['apply', '--server-side', '--subresource=status', '-f', '-'], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('kubectl', () => {
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await api.cluster.kubectl(args);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };

  it('explains mn.spec.sendAt with its sentence', async () => {
    expect((await kubectl('explain', 'mn.spec.sendAt')).replaceAll(/\s+/g, ' ')).toContain(
      'When the push shall go out, RFC 3339 in UTC, such as 2026-12-06T11:30:00Z.',
    );
  });

  it('lists a MatchNotification like a fixture list', async () => {
    stored(await api.create(sample('MatchNotification', 'columns')));
    const [head = '', line = ''] = (await kubectl('get', 'mn', 'columns')).split('\n');
    expect(head.split(/\s{2,}/)).toEqual(['NAME', 'FIXTURE', 'KICKOFF', 'SEND AT', 'PHASE', 'READY', 'AGE']);
    expect(line).toContain('2026-12-06T12:30:00Z');
    const [wide = ''] = (await kubectl('get', 'mn', 'columns', '-o', 'wide')).split('\n');
    expect(wide.split(/\s{2,}/)).toEqual(expect.arrayContaining(['COMPETITION', 'SCHEDULE', 'REASON', 'MESSAGE']));
  });

  it('finds all three kinds by category and short name', async () => {
    for (const kind of ['MatchNotification', 'FixtureFeed', 'BrazeWorkspace'] as const) await api.create(sample(kind, 'listed'));
    const listed = await kubectl('get', 'matchday', '-o', 'name');
    for (const kind of ['matchnotification', 'fixturefeed', 'brazeworkspace']) expect(listed).toContain(`${kind}.matchday.dev/listed`);
    for (const short of ['mn', 'ff', 'bw']) expect(await kubectl('get', short, 'listed', '-o', 'name')).toContain('listed');
  });
});

describe('server-side apply', () => {
  const apply = async (manager: string, object: Json, ...flags: string[]) =>
    await api.cluster.kubectl(['apply', '--server-side', `--field-manager=${manager}`, '-f', '-', ...flags], {
      input: JSON.stringify(object),
    });
  const editor = (name: string, spec: Json): Json => ({ ...sample('MatchNotification', name), spec });

  it('lets an editor own sendAt alone: the feed conflicts on that field, and on no other', async () => {
    expect((await apply('matchday-feed', sample('MatchNotification', 'shared'))).code).toBe(0);
    expect((await apply('editor', editor('shared', { sendAt: '2026-12-06T10:00:00Z' }), '--force-conflicts')).code).toBe(0);
    const conflict = await apply(
      'matchday-feed',
      sample('MatchNotification', 'shared', { kickoff: '2026-12-06T13:30:00Z', sendAt: '2026-12-06T12:30:00Z' }),
    );
    expect(conflict.code).not.toBe(0);
    expect(conflict.stderr).toContain('conflict with "editor": .spec.sendAt');
    const rest = await apply(
      'matchday-feed',
      sample('MatchNotification', 'shared', { kickoff: '2026-12-06T13:30:00Z', sendAt: undefined }),
    );
    expect(rest.stderr).toBe('');
    const { stdout } = await api.cluster.kubectl(['get', 'mn', 'shared', '-o', 'jsonpath={.spec.sendAt} {.spec.kickoff}']);
    expect(stdout).toBe('2026-12-06T10:00:00Z 2026-12-06T13:30:00Z');
  });

  it('gives match, audience, triggerProperties and hold to one owner each, whole', async () => {
    const whole = sample('MatchNotification', 'atomic', { triggerProperties: { a: '1' }, hold: { reason: 'Postponed' } });
    expect((await apply('matchday-feed', whole)).code).toBe(0);
    const parts: Record<string, Json> = {
      match: { provider: 'football-data', id: '600123', competition: 'PL', home: { name: 'Villa' } },
      audience: { recipients: [{ braze_id: 'x' }] },
      triggerProperties: { b: '2' },
      hold: { reason: 'Cancelled' },
    };
    for (const [field, value] of Object.entries(parts)) {
      const { stderr } = await apply('editor', editor('atomic', { [field]: value }));
      expect(stderr, field).toContain(`conflict with "matchday-feed": .spec.${field}\n`);
    }
  });
});
