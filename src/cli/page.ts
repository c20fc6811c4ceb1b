/** The page docs/reference/cli.md, made from the definitions of the verbs. Pure. */
import type { Command } from './command.ts';
import { type CliFlagName, COMMON_FLAGS, cliFlagRow, spelled } from './flags.ts';
import { COMMANDS } from './index.ts';

export function cliPage(): string {
  return [
    '# The command line',
    '',
    '<!-- Written by `make generate` from src/cli. -->',
    '',
    '`matchday` is one program: `matchday run` is the operator ([its flags](flags.md)), every other verb is the command line. It works with',
    "your own rights on the cluster of your kubeconfig, calls no Braze (but `import`, which reads campaigns), and writes nothing but what is said here, under the object's",
    'resourceVersion. `package.json` names it a second time as `kubectl-matchday`: with that on the `PATH`, kubectl finds it as a plugin and',
    '`kubectl matchday VERB` is the same as `matchday VERB`. In a checkout: `npm link`, or `node src/main.ts VERB`.',
    '',
    'Rights that it needs: `get`, `list` and `watch` of the three kinds to look; `patch` of a kind to write on it; for `plan` also `get` of the',
    "Secret that holds the feed's token (not with `--recorded`), and for `import` also that of the workspace's key. It never asks for more: what you may not do, the API server refuses.",
    '',
    'Exit codes: 0 done · 1 refused, failed, or not seen in time · 2 wrongly asked, or no configuration to work with.',
    '',
    '| Command | |',
    '| --- | --- |',
    ...COMMANDS.map(({ name, summary }) => `| [\`${name}\`](#matchday-${name}) | ${summary} |`),
    '',
    'Every command takes:',
    '',
    ...flagTable(COMMON_FLAGS),
    ...COMMANDS.flatMap(section),
  ].join('\n');
}

function section({ name, usage, about, examples, flags }: Command): string[] {
  return [
    `## matchday ${name}`,
    '',
    '```console',
    `matchday ${name} ${usage} [flags]`,
    '```',
    '',
    ...about.flatMap((paragraph) => [paragraph, '']),
    '```console',
    ...examples.flatMap(({ what, command }) => [`# ${what}`, `$ ${command}`]),
    '```',
    '',
    ...flagTable(flags),
  ];
}

function flagTable(flags: readonly CliFlagName[]): string[] {
  const rows = flags.map((name) => {
    const { help, default: text } = cliFlagRow(name);
    return `| \`${spelled(name).replaceAll('|', '\\|')}\` | ${text === undefined ? '' : `\`${text}\``} | ${help.replaceAll('|', '\\|')} |`;
  });
  return ['| Flag | Default | |', '| --- | --- | --- |', ...rows, ''];
}
