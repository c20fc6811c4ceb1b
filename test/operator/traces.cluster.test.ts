/** Traces of a running operator: spans of passes and calls, joined by the operation id of the log; and no library without a receiver. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_API_KEY } from '../../sandbox/braze/index.ts';
import { SANDBOX_ACCOUNT } from '../../sandbox/football-data/accounts.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.ts';
import { armed, inHours, stage } from './support.ts';

const RECEIVER_KEY = 'key-of-the-receiver';
/** Says on standard error which packages of OpenTelemetry are loaded. */
const WATCH_LOADING = `import { registerHooks } from 'node:module';
registerHooks({ resolve(specifier, context, next) {
  if (specifier.startsWith('@opentelemetry/')) process.stderr.write('loads ' + specifier + '\\n');
  return next(specifier, context);
} });`;
const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(WATCH_LOADING)}`;

let stack: Stack;
beforeAll(async () => {
  stack = await stage({ operators: 0, workspace: false });
});
afterAll(() => stack?.stop());

/** A send is armed by an operator of its own, which is told to stop then; what it said. */
async function lifeOf({ match, env }: { readonly match: string; readonly env: Readonly<Record<string, string>> }) {
  const lines: string[] = [];
  const operator = await stack.startOperator({ env: { NODE_OPTIONS, ...env }, onLine: (line) => void lines.push(line) });
  await operator.leads();
  await stack.workspace({ margin: '10s', requestTimeout: '1s' });
  const { metadata } = await armed(stack, { match, campaignId: stack.campaign(), kickoff: inHours(stack, 4) });
  const { code } = await operator.stop();
  return { lines, code, name: metadata.name };
}

describe('with a receiver', () => {
  let receiver: OtlpReceiver;
  let life: Awaited<ReturnType<typeof lifeOf>>;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${RECEIVER_KEY}` };
    life = await lifeOf({ match: '7101', env });
  });
  afterAll(() => receiver?.[Symbol.asyncDispose]());

  it('a pass and the calls that it makes are one trace, found by the operation id of the log line', () => {
    const created = life.lines.map((line) => JSON.parse(line.startsWith('{') ? line : '{}')).find(({ reason }) => reason === 'Created');
    const ofOperation = receiver.spans().filter(({ attributes }) => attributes['matchday.operation_id'] === created?.operationId);
    const pass = ofOperation.find(({ name }) => name === 'pass match-notification');
    expect(pass).toMatchObject({
      parentSpanId: undefined,
      failed: false,
      attributes: { 'matchday.name': life.name, 'k8s.namespace.name': stack.namespace },
    });
    const calls = ofOperation.filter(({ parentSpanId, name }) => parentSpanId === pass?.spanId && !name.includes(' events '));
    expect(calls.map(({ name, traceId }) => [name, traceId])).toEqual([
      [`kubernetes PUT matchnotifications/status ${stack.namespace}/${life.name}`, pass?.traceId],
      ['braze schedule.create', pass?.traceId],
      [`kubernetes PUT matchnotifications/status ${stack.namespace}/${life.name}`, pass?.traceId],
    ]);
    expect(calls[1]?.attributes).toMatchObject({ 'matchday.code': '201', 'matchday.subject': expect.stringContaining('7101') });
  });

  it('there are spans for each controller that worked, under the name of the service, and the last ones are sent before it ends', () => {
    const names = new Set(receiver.spans().map(({ name }) => name));
    expect([...names]).toEqual(expect.arrayContaining(['pass braze-workspace', 'braze campaigns.details', 'braze items.put']));
    expect([life.code, receiver.services()]).toEqual([0, ['matchday']]);
  });

  it('the receiver is shown its own key, and no span holds that or another', () => {
    expect(new Set(receiver.proofs)).toEqual(new Set([`Bearer ${RECEIVER_KEY}`]));
    const sent = receiver.bodies.join('\n');
    const said = life.lines.join('\n');
    for (const secret of [DEFAULT_API_KEY, SANDBOX_ACCOUNT.token, RECEIVER_KEY]) {
      expect(sent).not.toContain(secret);
      expect(said).not.toContain(secret);
    }
  });

  it('the library is loaded', () => {
    expect(life.lines).toContain('loads @opentelemetry/sdk-trace');
  });
});

it('a receiver that refuses is complained of once, and nothing else changes', async () => {
  await using receiver = await startOtlpReceiver({ status: 403 });
  const { lines, code } = await lifeOf({ match: '7102', env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  expect(code).toBe(0);
  expect(lines.filter((line) => line.includes('traces can not be sent'))).toHaveLength(1);
});

it('without a receiver nothing of OpenTelemetry is loaded but the API, which the library of the metrics brings along', async () => {
  const { lines } = await lifeOf({ match: '7103', env: {} });
  expect(lines.filter((line) => line.startsWith('loads '))).toEqual(['loads @opentelemetry/api']);
});
