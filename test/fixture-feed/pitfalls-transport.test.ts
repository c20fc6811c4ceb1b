/** The pitfalls of the provider's transport by name (contracts 2.1, 2.6), on the simulator's real port: none is read as "no matches". */
import { describe, expect, it } from 'vitest';
import { onSockets } from './bench-on-sockets.ts';

const FIVE_A_MINUTE = { token: 'sandbox-token', name: 'Small', plan: 'TIER_ONE', requestsPerMinute: 5 } as const;

describe('the transport (contracts 2.1, 2.6)', () => {
  it('a bad token is a 400, shows as AuthFailed and cancels nothing', async () => {
    const { bench, pl } = await onSockets();
    const before = bench.writes.length;
    bench.tokens.set('club/token-pl', 'a-wrong-token');
    await bench.run({ minutes: 20 });
    expect(bench.conditions(pl)).toContain('Ready=False AuthFailed');
    expect(JSON.stringify([bench.feed(pl), bench.events])).not.toContain('a-wrong-token');
    bench.tokens.set('club/token-pl', 'sandbox-token');
    await bench.run({ minutes: 3 });
    expect(bench.conditions(pl)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
    expect(bench.writes).toHaveLength(before);
  });

  it('a wait that stands in the text of the 429 alone is kept', async () => {
    const { bench, provider, pl } = await onSockets();
    const body = '{"message":"You reached your request limit. Wait 200 seconds.","errorCode":429}';
    await provider.admin.addFaults([{ kind: 'body', status: 429, body }]);
    await provider.admin.clearRequests();
    await bench.run({ minutes: 12 });
    const at = (await provider.admin.requests()).map((request) => Temporal.Instant.from(request.at));
    const [first, second] = at;
    expect(first !== undefined && second !== undefined ? second.since(first).total('seconds') : 0).toBeGreaterThanOrEqual(200);
    expect(bench.conditions(pl)).toEqual(['Ready=True Fresh', 'FeedFresh=True Fresh']);
  });

  it.each(['sent', 'documented', 'both'] as const)('the counter is read as %s, and one call is kept spare', async (counterHeaders) => {
    const { bench, provider } = await onSockets({ interval: '10s' }, { counterHeaders, accounts: [FIVE_A_MINUTE] });
    await bench.run({ minutes: 10 });
    const requests = await provider.admin.requests();
    expect(requests.filter(({ status }) => status === 429)).toEqual([]);
    expect(requests.length).toBeGreaterThan(25);
  });

  it.each([
    ['a web page', { kind: 'html' }],
    ['a cut answer', { kind: 'truncated' }],
    ['an error of theirs', { kind: 'status', status: 502 }],
    ['a reset', { kind: 'drop' }],
    ['an error with status 200', { kind: 'body', body: '{"error":"slow down"}' }],
    ['an empty page', { kind: 'body', body: '{"matches":[],"resultSet":{"count":0}}' }],
  ] as const)('%s, again and again, cancels nothing and shows', async (_, fault) => {
    const { bench, provider, pl } = await onSockets();
    const before = bench.writes.length;
    await provider.admin.addFaults([{ ...fault, path: '/v4/competitions', times: 5 }]);
    await bench.run({ minutes: 5 });
    await bench.step(bench.clock.now().add({ minutes: 5 }));
    expect(bench.conditions(pl)[0]).toMatch(/^Ready=False (ProviderUnavailable|NoFixtures)$/);
    await bench.run({ minutes: 40 });
    expect(bench.conditions(pl)[0]).toBe('Ready=True Fresh');
    expect(bench.writes).toHaveLength(before);
  });
});
