import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/errors.ts';
import type { CliFlagName } from '../../src/cli/flags.ts';
import { type Input, readInput } from '../../src/cli/input.ts';

const FLAGS: readonly CliFlagName[] = ['namespace', 'all-namespaces', 'output', 'dry-run', 'wait', 'timeout', 'field', 'schedule-id'];
const read = (...argv: string[]): Input => readInput(argv, { flags: FLAGS, arguments: { min: 1, max: 1 }, usage: 'NAME' });

describe('flags are spelled as for kubectl', () => {
  it.each([[['--namespace', 'push']], [['--namespace=push']], [['-n', 'push']], [['-n=push']], [['-npush']]])(
    '%j names the namespace',
    (argv) => {
      expect(read('pl-1', ...argv).text('namespace')).toBe('push');
      expect(read(...argv, 'pl-1').name).toBe('pl-1');
    },
  );

  it.each([
    [['-o', 'json'], 'json'],
    [['-oyaml'], 'yaml'],
    [['--output=wide'], 'wide'],
    [[], 'text'],
  ])('%j is output as %s', (argv, output) => {
    expect(read('pl-1', ...argv).output).toBe(output);
  });

  it.each([
    [['--dry-run'], 'client'],
    [['--dry-run=client'], 'client'],
    [['--dry-run=server'], 'server'],
    [['--dry-run=none'], 'none'],
    [[], 'none'],
  ])('%j is a dry run: %s', (argv, dryRun) => {
    const input = read(...argv, 'pl-1');
    expect([input.dryRun, input.name]).toEqual([dryRun, 'pl-1']);
  });

  it.each([
    [[], true],
    [['--wait'], true],
    [['--wait=false'], false],
    [['--wait=false', '--wait=true'], true],
  ])('%j waits: %s', (argv, waits) => {
    expect(read('pl-1', ...argv).on('wait')).toBe(waits);
  });

  it('a list is collected, from several flags and from commas', () => {
    expect(read('pl-1', '--field', 'sendAt', '--field=hold,kickoff').texts('field')).toEqual(['sendAt', 'hold', 'kickoff']);
  });

  it('what follows -- is an argument, whatever it looks like', () => {
    expect(read('--', '-n').args).toEqual(['-n']);
  });

  it('has the defaults of the table', () => {
    const input = read('pl-1');
    expect([input.text('namespace'), input.durationMs('timeout'), input.on('all-namespaces')]).toEqual([undefined, 60_000, false]);
  });
});

describe('what is spelled wrongly is refused, and never repeats a value', () => {
  it.each([
    [[], 'An argument is missing: NAME.'],
    [['a', 'b'], '"b" is an argument too many.'],
    [['a', '--nonsense=secret'], '--nonsense: there is no such flag.'],
    [['a', '-x=secret'], '-x: there is no such flag.'],
    [['a', '--not-sent'], '--not-sent: this command does not take it.'],
    [['a', '--schedule-id'], '--schedule-id: a value must follow (ID).'],
    [['a', '--schedule-id', '--wait'], '--schedule-id: a value must follow (ID).'],
    [['a', '-o', 'secret'], '--output: must be one of json, yaml, wide.'],
    [['a', '--wait=secret'], '--wait: must be one of true, false.'],
  ])('%j', (argv, message) => {
    expect(() => read(...argv)).toThrow(new UsageError(message));
  });

  it('a time-out that is no duration', () => {
    expect(() => read('a', '--timeout', '5').durationMs('timeout')).toThrow('--timeout: "5" is not a duration');
  });
});
