import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { failureOf } from '../../src/cli/errors.ts';
import { COMMON_FLAGS } from '../../src/cli/flags.ts';
import { commandHelp } from '../../src/cli/help.ts';
import { COMMANDS, runCli } from '../../src/cli/index.ts';
import { readInput } from '../../src/cli/input.ts';
import { cliPage } from '../../src/cli/page.ts';
import { refOf } from '../../src/cli/refs.ts';
import { ApiError, ApiUnreachable } from '../../src/controller/client-errors.ts';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';

async function say(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, { out: (text) => void out.push(text), err: (text) => void err.push(text), env: {}, clock: systemClock });
  return { code, out: out.join(''), err: err.join('') };
}

describe('each command', () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))('%s has examples that it understands', (name, command) => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { command: line } of command.examples) {
      const [program, verb, ...argv] = (line.split(/ (?:&&|\|) /).find((part) => part.startsWith(`matchday ${name}`)) ?? line).split(' ');
      expect([program, verb]).toEqual(['matchday', name]);
      readInput(argv, { ...command, flags: [...COMMON_FLAGS, ...command.flags] });
    }
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))('%s has a help that fits a terminal', (_, command) => {
    const help = commandHelp(command);
    for (const flag of command.flags) expect(help).toContain(`--${flag}`);
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(102);
    expect(command.summary).toMatch(/^[A-Z].*[^.]$/);
  });
});

describe('the program', () => {
  it.each([[[]], [['help']], [['--help']], [['-h']]])('answers %j with the list of commands', async (argv) => {
    const { code, out } = await say(...argv);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS) expect(out).toMatch(new RegExp(`${name} +${summary}`));
  });

  it.each([[['help', 'resolve']], [['resolve', '--help']], [['resolve', 'pl-1', '-h']]])(
    'answers %j with the help of the command',
    async (argv) => {
      const { code, out } = await say(...argv);
      expect([code, out]).toEqual([0, commandHelp(COMMANDS.find(({ name }) => name === 'resolve') ?? expect.fail())]);
    },
  );

  it.each([
    [['nonsense'], 'there is no command "nonsense"'],
    [['resolve'], 'An argument is missing'],
    [['status', '--nonsense=hunter2'], '--nonsense: there is no such flag'],
    [['status', '--kubeconfig', '/nowhere'], 'no kubeconfig at /nowhere'],
  ])('answers %j with 2, on standard error alone', async (argv, message) => {
    const { code, out, err } = await say(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`error: ${message}`);
    expect(err).not.toContain('hunter2');
  });
});

describe('a failure', () => {
  const answer = (status: number, message: string) => new ApiError('PATCH matchnotifications default/pl-1', status, { message });

  it.each<[string, Error, string]>([
    ['not allowed', answer(403, 'forbidden: no patch'), 'ask for the permission'],
    ['not known', answer(401, 'Unauthorized'), 'renew your credentials'],
    ['without the kinds', answer(404, '404 page not found'), 'kubectl apply -f deploy/crds'],
    [
      'a write that may have happened',
      new ApiUnreachable('PATCH x', { code: 'TIMEOUT', message: 'nothing', sent: true }),
      'look with matchday status',
    ],
    ['a read that was not sent', new ApiUnreachable('GET x', { code: 'ECONNREFUSED', message: 'no', sent: false }), 'Check the network'],
  ])('%s says what to do', (_, error, says) => {
    const { message, exitCode } = failureOf(error, 'resolve');
    expect([message.includes(says), exitCode]).toEqual([true, 1]);
    expect(message).not.toContain('    at ');
  });
});

describe('a name', () => {
  it.each([
    ['pl-1', MATCH_NOTIFICATIONS],
    ['mn/pl-1', MATCH_NOTIFICATIONS],
    ['matchnotifications.matchday.dev/pl-1', MATCH_NOTIFICATIONS],
    ['ff/pl-1', FIXTURE_FEEDS],
    ['FixtureFeed/pl-1', FIXTURE_FEEDS],
    ['bw/pl-1', BRAZE_WORKSPACES],
  ])('%s is of its kind', (text, kind) => {
    expect(refOf(text, 'push', [MATCH_NOTIFICATIONS, FIXTURE_FEEDS, BRAZE_WORKSPACES])).toEqual({
      kind,
      key: { namespace: 'push', name: 'pl-1' },
    });
  });

  it.each(['bw/main', 'secret/x', '', 'a b', '../x', 'mn/', 'mn/a/b'])('%j is none where only fixtures are meant', (text) => {
    expect(() => refOf(text, 'push', [MATCH_NOTIFICATIONS])).toThrow();
  });
});

describe('docs/reference/cli.md', () => {
  it('is what the definitions say', () => {
    expect(readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8')).toBe(cliPage());
  });
});
