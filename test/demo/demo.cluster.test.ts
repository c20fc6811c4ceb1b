/** The demo as CI would run it: no terminal, its own control plane, an end in good order. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startTied, type TiedProcess } from '../../sandbox/process/tied-process.ts';
import { untilGone } from '../support/processes.ts';

const SCRIPT = path.join(import.meta.dirname, '../../sandbox/demo/main.ts');
const LIMIT_MS = 210_000;

const startDemo = (env: Readonly<Record<string, string>> = {}): Promise<TiedProcess> =>
  startTied({ name: 'demo', command: process.execPath, args: [SCRIPT], env: { ...process.env, ...env }, keepAll: true });

/** What would be left behind: the operator, and the directory that lives as long as any server of the control plane. */
function tracesOf(said: string): { readonly pids: number[]; readonly paths: string[] } {
  const [, operator] = /operator +process (\d+)/.exec(said) ?? [];
  const [, kubeconfig] = /KUBECONFIG=(\S+)/.exec(said) ?? [];
  if (operator === undefined || kubeconfig === undefined) throw new Error(`the demo named no operator or kubeconfig:\n${said}`);
  return { pids: [Number(operator)], paths: [path.dirname(kubeconfig)] };
}

const all = (demo: TiedProcess): string => demo.stdout.lines().join('\n');

describe('make demo', () => {
  it('plays to its end, keeps what it promises, and leaves nothing behind', { timeout: LIMIT_MS }, async () => {
    await using demo = await startDemo();
    const { code } = await demo.exited;
    const said = all(demo);
    expect(code, said).toBe(0);
    expect(said).toMatch(/ fixtures +scheduled +delivered once +twice +lost\n +29 +5 +5 +0 +0\n/);
    expect(said, "kubectl's own table").toMatch(/\n +NAME +FIXTURE +KICKOFF +SEND AT +PHASE +READY +AGE\n/);
    expect(said.match(/delivered to 5 fans/g)).toHaveLength(5);
    expect(said, 'the duplicate that a lost answer left').toMatch(/aborted for 5 fans: .*"matchday: superseded"/);
    expect(said, 'colours are for terminals').not.toContain('\u001b');
    await untilGone(tracesOf(said));
  });

  it('ends at Ctrl-C in the middle, with nothing left behind', { timeout: LIMIT_MS }, async () => {
    await using demo = await startDemo();
    await demo.line(/ leads$/, { timeoutMs: 120_000 });
    const { code } = await demo.stop({ signal: 'SIGINT', graceMs: 30_000 });
    expect(code).toBe(130);
    await untilGone(tracesOf(all(demo)));
  });

  it('fails, with the reason, when its time is up', { timeout: LIMIT_MS }, async () => {
    await using demo = await startDemo({ DEMO_SECONDS: '5' });
    const { code } = await demo.exited;
    expect(code).toBe(1);
    expect(all(demo)).toContain('The demo failed: the demo is not over after 5 s (DEMO_SECONDS)');
    await untilGone(tracesOf(all(demo)));
  });
});
