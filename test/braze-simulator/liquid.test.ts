import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type BrazeOptionsPatch, fencedTemplate } from '../../sandbox/braze/index.ts';
import { type Harness, harness, PLAIN } from './harness.ts';

let h: Harness;
let content: { server: Server; url: string; hits: string[] } | undefined;
afterEach(async () => {
  await h.stop();
  content?.server.closeAllConnections();
  await new Promise<void>((resolve) => (content === undefined ? resolve() : content.server.close(() => resolve())));
  content = undefined;
});

/** Sends one message of this template to fan-1 and says what came of it. */
async function sent(template: string, properties: object = {}, at = '2026-12-06T11:30:00Z') {
  h.sim.changeCampaign(PLAIN, { template, users: ['fan-1'] });
  const id = await h.createId({ trigger_properties: properties, schedule: { time: at } });
  h.clock.set(at);
  await h.sim.settled();
  const one = [...h.sim.deliveries({ scheduleId: id }), ...h.sim.aborts({ scheduleId: id })];
  expect(one).toHaveLength(1);
  return one[0]?.outcome === 'delivered' ? one[0].messages[0]?.fields['alert'] : `${one[0]?.outcome}: ${one[0]?.reason}`;
}

describe('contracts 1.10: properties and aborting', () => {
  it.each([
    ['{{api_trigger_properties.${home}}}', 'Villa'],
    ['{{ api_trigger_properties.${teams}[1].tla }}', 'ARS'],
    ['{{api_trigger_properties.${venue}.name | upcase}}', 'VILLA PARK'],
    ['{{api_trigger_properties.${none}}}-', '-'],
    ['Hi {{${user_id}}}', 'Hi fan-1'],
    ["{{${first_name} | default: 'fan'}}", 'fan'],
    ["{% if api_trigger_properties.${home} == 'Villa' %}yes{% else %}no{% endif %}", 'yes'],
    ["{% abort_message('not today') %}", 'aborted: not today'],
    ['{% abort_message("twice quoted") %}', 'aborted: twice quoted'],
    ['{% abort_message() %}', 'aborted: '],
    ["{% if false %}{% abort_message('no') %}{% endif %}ok", 'ok'],
  ])('%s → %s', async (template, expected) => {
    h = await harness();
    const teams = [{ tla: 'AVL' }, { tla: 'ARS' }];
    expect(await sent(template, { home: 'Villa', teams, venue: { name: 'Villa Park' } })).toBe(expected);
  });

  it.each(['{{ unclosed', '{% if %}', '{% nothing_such %}', '{{ "x" | no_such_filter }}'])(
    'a broken template sends nothing: %s',
    async (template) => {
      h = await harness();
      expect(await sent(template)).toMatch(/^render-error: /);
    },
  );
});

describe('contracts 1.12: catalog items in Liquid', () => {
  const tag = '{% catalog_items matchday a b %}{{ items[0].home }}+{{ items[1].home }}';

  it('reads up to three items', async () => {
    h = await harness();
    for (const id of ['a', 'b', 'c', 'd']) h.sim.setItem('matchday', id, { home: id.toUpperCase() });
    expect(await sent(tag)).toBe('A+B');
    expect(await sent('{% catalog_items matchday a, b, c %}{{ items.size }}{{ items[2].id }}')).toBe('3c');
    expect(await sent('{% catalog_items matchday a b c d %}')).toMatch(/^render-error: .*at most 3 items/);
  });

  it('leaves items[0] empty where there is no item, or no catalog', async () => {
    h = await harness();
    expect(await sent('{% catalog_items matchday none %}[{{ items[0].home }}]{% if items[0].token == blank %}blank{% endif %}')).toBe(
      '[]blank',
    );
    expect(await sent('{% catalog_items elsewhere none %}[{{ items[0].home }}]')).toBe('[]');
  });

  it('fences with a catalog of any name', async () => {
    h = await harness();
    h.sim.createCatalog('fixtures', [
      { name: 'id', type: 'string' },
      { name: 'token', type: 'string' },
    ]);
    expect(await sent(fencedTemplate('fixtures'), { notification: 'a', token: 't' })).toBe('aborted: matchday: superseded');
    h.sim.setItem('fixtures', 'a', { token: 't' });
    expect(await sent(fencedTemplate('fixtures'), { notification: 'a', token: 't' }, '2026-12-06T11:31:00Z')).toBe('v');
  });

  it('runs Liquid inside a field only with :rerender', async () => {
    h = await harness();
    h.sim.setItem('matchday', 'a', { note: 'Hi {{${user_id}}}' });
    expect(await sent('{% catalog_items matchday a %}{{ items[0].note }}')).toBe('Hi {{${user_id}}}');
    expect(await sent('{% catalog_items matchday a :rerender %}{{ items[0].note }}')).toBe('Hi fan-1');
  });
});

describe('contracts 1.10: Connected Content', () => {
  /** A server that answers by path: /<status>, /json, /slow, /big. */
  async function serve(options: BrazeOptionsPatch = {}): Promise<string> {
    const hits: string[] = [];
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').slice(1);
      hits.push(`${request.method} /${path}`);
      if (path === 'slow') return;
      const status = /^\d+$/.test(path) ? Number(path) : 200;
      const body =
        path === 'json' ? `{"live":true,"n":${hits.length}}` : path === 'big' ? 'x'.repeat(1024 * 1024 + 1) : `text ${hits.length}`;
      response.writeHead(status, status === 302 ? { location: '/json' } : {}).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    content = { server, url: `http://127.0.0.1:${port}`, hits };
    h = await harness({ connectedContentPorts: [port], connectedContentRetryMs: 1, ...options });
    return content.url;
  }

  it('inserts a body, or saves its JSON', async () => {
    const url = await serve();
    expect(await sent(`{% connected_content ${url}/text %}`)).toBe('text 1');
    expect(await sent(`{% connected_content ${url}/json :save x %}{{ x.live }} {{ x.__http_status_code__ }}`)).toBe('true 200');
    expect(await sent(`{% connected_content ${url}/{{api_trigger_properties.\${path}}} :save x %}{{ x.live }}`, { path: 'json' })).toBe(
      'true',
    );
  });

  it.each([
    [404, 'string'],
    [500, 'null'],
    [302, 'null'],
  ])('a %i inserts nothing; saved it is an empty string or null', async (status, kind) => {
    const url = await serve();
    expect(await sent(`{% connected_content ${url}/${status} %}.`)).toBe('.');
    expect(await sent(`{% connected_content ${url}/${status} :save x %}{% if x == nil %}null{% else %}string{% endif %}`)).toBe(kind);
    expect(content?.hits).not.toContain('GET /json');
  });

  it('no answer in time inserts nothing, and the message goes out: it fails open', async () => {
    const url = await serve({ connectedContentTimeoutMs: 20 });
    expect(await sent(`{% connected_content ${url}/slow :save x %}[{{ x.token }}]`)).toBe('[]');
    expect(h.sim.contentCalls().map((call) => call.status)).toEqual([599]);
  });

  it('other ports than 80 and 443 are not called', async () => {
    const url = await serve({ connectedContentPorts: [80, 443] });
    expect(await sent(`{% connected_content ${url}/json %}.`)).toBe('.');
    expect(content?.hits).toEqual([]);
  });

  it('GET is cached 300 s at least, 4 h at most, and not with :no_cache; POST is not', async () => {
    const url = await serve();
    const twice = async (tag: string, gap: Temporal.DurationLike): Promise<number> => {
      const before = content?.hits.length ?? 0;
      for (let index = 0; index < 2; index++) {
        await sent(
          tag,
          {},
          h.clock
            .now()
            .add(index === 0 ? { hours: 12 } : gap)
            .toString(),
        );
      }
      return (content?.hits.length ?? 0) - before;
    };
    expect(await twice(`{% connected_content ${url}/a %}`, { seconds: 299 })).toBe(1);
    expect(await twice(`{% connected_content ${url}/b :cache_max_age 10 %}`, { seconds: 299 })).toBe(1);
    expect(await twice(`{% connected_content ${url}/c :cache_max_age 999999 %}`, { hours: 4 })).toBe(2);
    expect(await twice(`{% connected_content ${url}/d %}`, { seconds: 301 })).toBe(2);
    expect(await twice(`{% connected_content ${url}/e :no_cache %}`, { seconds: 1 })).toBe(2);
    expect(await twice(`{% connected_content ${url}/f :method post :body a=1 %}`, { seconds: 1 })).toBe(2);
    expect(await twice(`{% connected_content ${url}/big %}`, { seconds: 1 })).toBe(2);
    expect(content?.hits).toContain('POST /f');
  });

  it(':retry tries five times and then aborts: it fails closed', async () => {
    const url = await serve();
    expect(await sent(`{% connected_content ${url}/503 :retry %}`)).toBe('aborted: connected content failed five times');
    expect(content?.hits).toHaveLength(5);
  });

  it('a host that fails too often is not called for a minute: 598', async () => {
    const url = await serve({ unhealthyFailures: 2 });
    const template = `{% connected_content ${url}/503 :no_cache %}.`;
    for (let second = 0; second < 4; second++) await sent(template, {}, `2026-12-06T11:30:0${second}Z`);
    expect(h.sim.contentCalls().map((call) => call.status)).toEqual([503, 503, 503, 598]);
    await sent(template, {}, '2026-12-06T11:31:03Z');
    expect(h.sim.contentCalls().at(-1)?.status).toBe(503);
  });

  it('a slow send holds the later ones back, and each keeps its own time', async () => {
    const url = await serve();
    h.sim.changeCampaign(PLAIN, { template: `{% connected_content ${url}/json :no_cache %}`, users: ['fan-1'] });
    const first = await h.createId();
    const second = await h.createId({ schedule: { time: '2026-12-06T11:31:00Z' } });
    h.clock.advance({ hours: 5 });
    await h.sim.settled();
    expect(h.sim.deliveries().map((one) => [one.scheduleId, one.firedMs])).toEqual([
      [first, Date.parse('2026-12-06T11:30:00Z')],
      [second, Date.parse('2026-12-06T11:31:00Z')],
    ]);
  });
});
