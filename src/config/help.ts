/** The words about the flags: `matchday run --help` and docs/reference/flags.md, both made from the table. */
import { FLAG_KINDS, FLAG_NAMES, type FlagName, flagRow, variableOf } from './flags.ts';

const WIDTH = 100;
const INDENT = '      ';

export function runHelp(): string {
  const flags = FLAG_NAMES.map((name) => {
    const { placeholder } = flagRow(name);
    return `  --${name} ${placeholder}\n${wrap(`${flagRow(name).help}${defaultOf(name)}`)}`;
  });
  return [
    'matchday run: the operator. Keeps one Braze schedule equal to each MatchNotification.',
    '',
    'Usage: matchday run [flags]',
    '',
    'Each flag can also be given as an environment variable (--lease-name as MATCHDAY_LEASE_NAME)',
    'and as a key of the file that --config names (lease-name: …). Flag over environment over file.',
    '',
    ...flags,
    '',
    'Exit codes: 0 stopped as asked, 1 lost the lease or failed, 2 the configuration can not be used.',
    '',
  ].join('\n');
}

/** The page docs/reference/flags.md. */
export function flagsPage(): string {
  const rows = FLAG_NAMES.map((name) => {
    const { kind, help } = flagRow(name);
    return `| \`--${name}\` | \`${variableOf(name)}\` | ${FLAG_KINDS[kind]} | ${shownDefault(name)} | ${help.replaceAll('|', '\\|')} |`;
  });
  return [
    '# Flags of `matchday run`',
    '',
    '<!-- Written by `make generate` from src/config/flags.ts. -->',
    '',
    'A flag decides over its environment variable, and that over the key of the same name in the YAML file that `--config` names;',
    'a list is taken whole from the first of the three that has it. A key that is not in this table is an error in all three',
    '(variables that Kubernetes sets for a service named `matchday` are passed over). A configuration that can not be used ends',
    'the process with exit code 2 and one line that names the key.',
    '',
    '| Flag | Variable | Takes | Default | |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function defaultOf(name: FlagName): string {
  const { default: text } = flagRow(name);
  return text === undefined ? '' : ` Default: ${text}.`;
}

function shownDefault(name: FlagName): string {
  const { default: text } = flagRow(name);
  return text === undefined ? '' : `\`${text}\``;
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}
