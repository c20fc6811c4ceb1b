/** The words about the verbs: `matchday --help`, `matchday VERB --help`, in kubectl's style. Pure. */
import type { Command, Example } from './command.ts';
import { type CliFlagName, COMMON_FLAGS, cliFlagRow, spelled } from './flags.ts';
import { pairs } from './spoken.ts';

const WIDTH = 100;

export function overallHelp(commands: readonly Command[]): string {
  return [
    'matchday keeps exactly one scheduled Braze send per football fixture.',
    '',
    'Usage:',
    '  matchday COMMAND [flags]           also as a plugin: kubectl matchday COMMAND [flags]',
    '',
    'Commands:',
    pairs(commands.map(({ name, summary }) => [name, summary])),
    '',
    'The operator:',
    pairs([['run', 'Run the operator (matchday run --help lists its flags)']]),
    '',
    'Use "matchday COMMAND --help" for more about a command.',
    'Exit codes: 0 done, 1 refused or failed, 2 wrongly asked.',
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const { name, usage, about, examples, flags } = command;
  return [
    ...about.map((paragraph) => `${wrap(paragraph, '')}\n`),
    'Examples:',
    ...examples.map(example),
    'Flags:',
    flagLines(flags),
    '',
    'Common flags:',
    flagLines(COMMON_FLAGS),
    '',
    'Usage:',
    `  matchday ${name} ${usage} [flags]`,
    '',
  ].join('\n');
}

const example = ({ what, command }: Example): string => `  # ${what}\n  ${command}\n`;

function flagLines(flags: readonly CliFlagName[]): string {
  return flags.map((name) => `  ${spelled(name)}\n${wrap(`${cliFlagRow(name).help}${defaultOf(name)}`, '      ')}`).join('\n');
}

function defaultOf(name: CliFlagName): string {
  const { default: text } = cliFlagRow(name);
  return text === undefined ? '' : ` Default: ${text}.`;
}

function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}
