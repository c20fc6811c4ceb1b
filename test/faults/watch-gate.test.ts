import { expect, it } from 'vitest';
import { type LineRule, WatchGate } from '../support/watch-gate.ts';

const line = (name: string, version: number): string =>
  `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name, uid: `uid-${name}`, resourceVersion: String(version) } } })}\n`;

function gate(rule: LineRule | undefined) {
  const said: string[] = [];
  const cuts: string[] = [];
  const made = new WatchGate({
    plural: 'notes',
    rule: () => rule,
    write: (text) => said.push(...text.trim().split('\n').map(short)),
    cut: (how) => cuts.push(how),
    note: () => {},
  });
  return { gate: made, said, cuts };
}

const short = (text: string): string => {
  const { name, resourceVersion } = (JSON.parse(text) as { object: { metadata: { name: string; resourceVersion: string } } }).object
    .metadata;
  return `${name}${resourceVersion}`;
};

const holding =
  (passes: 'each' | 'only the last', until: Promise<void>): LineRule =>
  ({ name }) =>
    name === 'a' ? { kind: 'hold', until, passes } : { kind: 'pass' };

it('puts lines together from pieces, and passes them on as they came', async () => {
  const { gate: open, said } = gate(undefined);
  const text = line('a', 1) + line('b', 2);
  open.take(text.slice(0, 20));
  open.take(text.slice(20));
  await open.drained();
  expect(said).toEqual(['a1', 'b2']);
});

it('keeps back the whole watch behind a line that is held, in order', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { gate: closed, said } = gate(holding('each', promise));
  closed.take(line('b', 1) + line('a', 2) + line('b', 3) + line('a', 4));
  await new Promise((later) => setImmediate(later));
  expect(said).toEqual(['b1']);
  resolve();
  await closed.drained();
  expect(said).toEqual(['b1', 'a2', 'b3', 'a4']);
});

it('passes only the newest state of an object when it is told so, in its place among the others', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { gate: closed, said } = gate(holding('only the last', promise));
  closed.take(line('a', 1) + line('b', 2) + line('a', 3) + line('a', 4) + line('b', 5));
  resolve();
  await closed.drained();
  expect(said).toEqual(['b2', 'a4', 'b5']);
});

it('says nothing more after a cut', async () => {
  const { gate: cut, said, cuts } = gate(({ name, text }) => (name === 'b' ? { kind: 'cut', how: 'reset', text } : { kind: 'pass' }));
  cut.take(line('a', 1) + line('b', 2) + line('a', 3));
  await cut.drained();
  expect(said).toEqual(['a1', 'b2']);
  expect(cuts).toEqual(['reset']);
});
