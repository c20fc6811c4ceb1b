import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type KindsApi, kindsApi } from './api.ts';
import { type Changes, type KindName, sample } from './samples.ts';

/** [what is wrong, what is changed in a good object, what the API server must say] */
type Row = readonly [string, Changes, string];

const recipients = (count: number) => Array.from({ length: count }, (_, index) => ({ external_user_id: `fan-${index}` }));
const filter = { AND: [{ custom_attribute: { custom_attribute_name: 'club', comparison: 'equals', value: 'AVL' } }] };
const RESERVED = 'are sent by the operator: choose other names';
const ONE_AUDIENCE = 'give exactly one of broadcast: true, connected and recipients';
const duration = (range: string) => `write a duration from ${range}, in days, hours, minutes and seconds, such as 1h30m`;
const REQUIRED = 'Required value';

const CREATES: Record<KindName, readonly Row[]> = {
  MatchNotification: [
    ['sendAt at kickoff', { sendAt: '2026-12-06T12:30:00Z' }, 'sendAt must be before kickoff: choose an earlier sendAt'],
    ['sendAt after kickoff', { sendAt: '2026-12-06T12:31:00Z' }, 'sendAt must be before kickoff: choose an earlier sendAt'],
    ['sendAt with an offset', { sendAt: '2026-12-06T11:30:00+01:00' }, 'spec.sendAt in body should match'],
    ['sendAt without a zone', { sendAt: '2026-12-06T11:30:00' }, 'spec.sendAt in body should match'],
    ['a kickoff in month 13', { kickoff: '2026-13-06T12:30:00Z' }, 'spec.kickoff in body must be of type date-time'],
    ['no kickoff', { kickoff: undefined }, REQUIRED],
    ['broadcast and recipients', { audience: { broadcast: true, recipients: recipients(1) } }, ONE_AUDIENCE],
    ['broadcast and connected', { audience: { broadcast: true, connected: filter } }, ONE_AUDIENCE],
    ['all three audiences', { audience: { broadcast: true, connected: filter, recipients: recipients(1) } }, ONE_AUDIENCE],
    ['no audience inside audience', { audience: {} }, ONE_AUDIENCE],
    ['no audience at all', { audience: undefined }, REQUIRED],
    ['broadcast: false', { audience: { broadcast: false } }, 'broadcast can only be true: leave it out to use connected or recipients'],
    ['51 recipients', { audience: { recipients: recipients(51) } }, 'must have at most 50 items'],
    ['an empty list of recipients', { audience: { recipients: [] } }, 'should have at least 1 items'],
    [
      'a recipient with two names',
      { audience: { recipients: [{ external_user_id: 'a', email: 'a@example.org' }] } },
      'name the recipient by exactly one of external_user_id, braze_id, email or user_alias',
    ],
    [
      'a recipient without a name',
      { audience: { recipients: [{ send_to_existing_only: true }] } },
      'name the recipient by exactly one of external_user_id, braze_id, email or user_alias',
    ],
    ['an empty filter', { audience: { connected: {} } }, 'should have at least 1 properties'],
    [
      'a filter of 51 parts',
      { audience: { connected: { OR: Array.from({ length: 51 }, () => ({ a: 1 })) } } },
      'must have at most 50 items',
    ],
    ['a name with an instruction to a template', { 'match.home.names': { ar: '{{ x }}' } }, 'match.home.names.ar'],
    ['a name with a line end', { 'match.away.names': { ar: 'a\nb' } }, 'match.away.names.ar'],
    ['a name of 129 characters', { 'match.home.names': { ar: 'x'.repeat(129) } }, 'may not be more than 128'],
    ['a locale that is none', { 'match.home.names': { 'ar EG': 'x' } }, 'write locales as ar or pt-BR'],
    ['a locale that could be another field', { 'match.home.names': { ar_EG: 'x' } }, 'write locales as ar or pt-BR'],
    [
      'names in 21 locales',
      { 'match.home.names': Object.fromEntries('abcdefghijklmnopqrstu'.split('').map((c) => [`x${c}`, 'x'])) },
      'must have at most 20 items',
    ],
    ['the trigger property token', { triggerProperties: { token: 'x' } }, RESERVED],
    ['the trigger property notification', { triggerProperties: { notification: 'x' } }, RESERVED],
    ['the trigger property home', { triggerProperties: { home: 'x' } }, RESERVED],
    ['the trigger property away_ar', { triggerProperties: { away_ar: 'x' } }, RESERVED],
    ['the trigger property competition', { triggerProperties: { competition: 'x' } }, RESERVED],
    [
      '41 trigger properties',
      { triggerProperties: Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`p${index}`, 'x'])) },
      'must have at most 40 items',
    ],
    ['a trigger property of 1,025 characters', { triggerProperties: { big: 'x'.repeat(1025) } }, 'may not be more than 1024'],
    [
      'a trigger property with a name of 65 characters',
      { triggerProperties: { ['n'.repeat(65)]: 'x' } },
      'names of trigger properties have 1 to 64 characters',
    ],
    ['a trigger property that is a number', { triggerProperties: { big: 3 } }, 'must be of type string'],
    ['an empty workspace name', { 'workspaceRef.name': '' }, 'spec.workspaceRef.name in body should be at least 1 chars long'],
    ['a workspace of another namespace', { 'workspaceRef.name': 'other/main' }, 'spec.workspaceRef.name in body should match'],
    ['a campaign id that is none', { campaignId: 'https://braze' }, 'spec.campaignId in body should match'],
    ['an empty match id', { 'match.id': '' }, 'spec.match.id in body should be at least 1 chars long'],
    ['a match id with a slash', { 'match.id': '1/2' }, 'spec.match.id in body should match'],
    ['a provider in capitals', { 'match.provider': 'Football' }, 'spec.match.provider in body should match'],
    ['no competition', { 'match.competition': undefined }, REQUIRED],
    ['a negative matchday', { 'match.matchday': -1 }, 'spec.match.matchday in body should be greater than or equal to 0'],
    ['an empty team name', { 'match.home.name': '' }, 'spec.match.home.name in body should be at least 1 chars long'],
    ['an unknown hold reason', { hold: { reason: 'Rain' } }, 'Unsupported value: "Rain"'],
    ['an unknown reason to overrule', { ignoreHold: ['Rain'] }, 'Unsupported value: "Rain"'],
    ['the same reason twice', { ignoreHold: ['Postponed', 'Postponed'] }, 'Duplicate value'],
    ['an unknown deletion policy', { deletionPolicy: 'Keep' }, 'supported values: "Cancel", "Retain"'],
    ['a duration with no unit', { startingDeadline: '10' }, 'spec.startingDeadline in body should match'],
    ['a negative duration', { startingDeadline: '-10m' }, 'spec.startingDeadline in body should match'],
    ['a starting deadline of eight days', { startingDeadline: '8d' }, duration('0s to 7d')],
    ['a resend after ten minutes', { resendAfter: '10m' }, duration('1h to 90d')],
    ['a duration of fifteen digits', { resendAfter: '999999999999999s' }, 'may not be more than 14'],
    ['suspend in words', { suspend: 'yes' }, 'must be of type boolean'],
  ],
  FixtureFeed: [
    ['an interval of nine seconds', { interval: '9s' }, duration('10s to 1d')],
    ['no lead time', { leadTime: '0s' }, duration('1m to 7d')],
    ['a window of 401 days', { window: '401d' }, duration('1h to 400d')],
    ['a season of two digits', { 'source.season': '25' }, 'spec.source.season in body should match'],
    ['a competition with a path', { 'source.competition': 'PL/../SA' }, 'spec.source.competition in body should match'],
    ['a token Secret without a key', { 'source.tokenSecretRef.key': undefined }, REQUIRED],
    ['changes of 120 %', { maxChangesPerPoll: '120%' }, 'spec.maxChangesPerPoll in body should match'],
    ['a translator by http', { translation: { locales: ['ar'], provider: { url: 'http://translate.example' } } }, 'provider.url in body'],
    [
      'a translator that only begins like this machine',
      { translation: { locales: ['ar'], provider: { url: 'http://localhost.example' } } },
      'provider.url in body',
    ],
    [
      'a translator with a query',
      { translation: { locales: ['ar'], provider: { url: 'https://t.example/?k=1' } } },
      'provider.url in body',
    ],
    ['no locale to translate to', { translation: { locales: [] } }, 'should have at least 1 items'],
    ['an unknown way with rough dates', { unconfirmedKickoff: 'Guess' }, 'supported values: "Hold", "Schedule"'],
    [
      "a label of the operator's",
      { 'template.metadata.labels': { 'matchday.dev/feed': 'x' } },
      "labels that begin with matchday.dev/ are the operator's",
    ],
    ['a reserved trigger property in the template', { 'template.spec.triggerProperties': { token: 'x' } }, RESERVED],
    ['two audiences in the template', { 'template.spec.audience': { broadcast: true, recipients: recipients(1) } }, ONE_AUDIENCE],
    ['a locale that is none', { translation: { locales: ['Arabic'] } }, 'should match'],
  ],
  BrazeWorkspace: [
    ['plain http to a host', { endpoint: 'http://rest.iad-01.braze.com' }, 'http is only allowed for 127.0.0.1, localhost and [::1]'],
    ['http to a host that only begins like loopback', { endpoint: 'http://localhost.example.org' }, 'http is only allowed for'],
    [
      'an endpoint with a slash at the end',
      { endpoint: 'https://rest.iad-01.braze.com/' },
      'write https://HOST, without path or slash at the end',
    ],
    ['an endpoint with a user', { endpoint: 'https://rest.iad-01.braze.com@evil.example' }, 'write https://HOST'],
    ['an endpoint of another scheme', { endpoint: 'file:///etc/passwd' }, 'write https://HOST'],
    ['a margin of nine seconds', { 'fence.margin': '9s' }, duration('10s to 10m')],
    ['a margin of eleven minutes', { 'fence.margin': '11m' }, duration('10s to 10m')],
    ['a request time-out of eleven seconds', { requestTimeout: '11s' }, duration('1s to 10s')],
    ['no request time-out', { requestTimeout: '0s' }, duration('1s to 10s')],
    ['a horizon of ninety days', { horizon: '90d' }, duration('1h to 89d23h59m59s')],
    ['a negative limit', { limits: { requestsPerHour: -1 } }, 'should be greater than or equal to 1'],
    ['a limit of zero', { limits: { broadcastsPerMinute: 0 } }, 'should be greater than or equal to 1'],
    ['a limit with a fraction', { limits: { broadcastsPerMinute: 1.5 } }, 'must be of type integer'],
    ['a catalog with a space', { 'fence.catalog': 'match day' }, 'spec.fence.catalog in body should match'],
    ['a fence without a catalog', { fence: {} }, REQUIRED],
    ['an unknown way with lost answers', { unresolved: 'Retry' }, 'supported values: "Block", "Recreate", "Abandon"'],
    ['no key Secret', { apiKeySecretRef: undefined }, REQUIRED],
  ],
};

/** Refused although the new object alone would be good. */
const UPDATES: Record<KindName, readonly Row[]> = {
  MatchNotification: [
    ['another match id', { 'match.id': '600124' }, "match.provider and match.id can't be changed"],
    ['another provider', { 'match.provider': 'sportmonks' }, "match.provider and match.id can't be changed"],
    ['another workspace', { 'workspaceRef.name': 'second' }, "workspaceRef can't be changed"],
  ],
  FixtureFeed: [['another workspace in the template', { 'template.spec.workspaceRef.name': 'second' }, "workspaceRef can't be changed"]],
  BrazeWorkspace: [
    ['another endpoint', { endpoint: 'https://rest.iad-02.braze.com' }, "endpoint can't be changed"],
    ['another catalog', { 'fence.catalog': 'second' }, "catalog can't be changed"],
    ['no fence any more', { fence: undefined }, "the fence can't be removed"],
  ],
};

const KIND_NAMES = ['MatchNotification', 'FixtureFeed', 'BrazeWorkspace'] as const;
let api: KindsApi;
beforeAll(async () => {
  api = await kindsApi();
});
const refusal = (answer: Answer): string => ('refused' in answer ? answer.refused : `stored: ${JSON.stringify(answer.stored)}`);

describe.each(KIND_NAMES)('%s: a new object is refused for', (kind) => {
  it.each(CREATES[kind])('%s', async (_, changes, message) => {
    expect(refusal(await api.create(sample(kind, 'bad', changes)))).toContain(message);
  });
});

describe.each(KIND_NAMES)('%s: a change is refused to', (kind) => {
  it.each(UPDATES[kind])('%s', async (what, changes, message) => {
    const name = what.replaceAll(' ', '-');
    const first = await api.create(sample(kind, name));
    if ('refused' in first) throw new Error(first.refused);
    const second = { ...sample(kind, name, changes), metadata: first.stored['metadata'] };
    expect(refusal(await api.replace(second))).toContain(message);
  });
});

describe('FixtureFeed', () => {
  it('is refused when its name is too long to be a label', async () => {
    expect(refusal(await api.create(sample('FixtureFeed', 'f'.repeat(64))))).toContain(
      'the name of a FixtureFeed has at most 63 characters',
    );
  });
});
