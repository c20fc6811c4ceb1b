/**
 * The table of names that a person keeps in a ConfigMap, by locale and team id. Two forms, also mixed; an entry of its own wins over a page:
 *
 *     data:
 *       ar.58: أستون فيلا            # <locale>.<team id>
 *       es.yaml: |                   # <locale>.yaml, .yml or .json: a page of one locale
 *         57: Arsenal
 *
 * Whatever is wrong with an entry concerns that entry alone: it is left out and named in `complaints`. Pure.
 */
import { parseDocument } from 'yaml';
import { canonicalLocale, localeFallbacks } from '../base/locales.ts';
import { type NameAnswer, type NameSource, NONE, type Question } from './names.ts';
import { usableName } from './usable-name.ts';

const KEY = /^(?<locale>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\.(?<rest>[A-Za-z0-9_-]{1,64})$/;
const PAGE = /^(yaml|yml|json)$/;

export class NameTable implements NameSource {
  /** What could not be used and why, one sentence each. */
  readonly complaints: readonly string[];
  /** Names by `<locale in lower case>/<team id>`. */
  readonly #names: ReadonlyMap<string, string>;

  constructor(data: Readonly<Record<string, string>>) {
    const complaints: string[] = [];
    const names = new Map<string, string>();
    const isPage = (key: string): boolean => PAGE.test(KEY.exec(key)?.groups?.['rest'] ?? '');
    const keys = Object.keys(data).toSorted();
    for (const key of [...keys.filter(isPage), ...keys.filter((each) => !isPage(each))]) {
      const { entries, problem } = entriesOf(key, data[key] ?? '');
      if (problem !== undefined) complaints.push(problem);
      for (const { locale, teamId, text } of entries) {
        const checked = usableName(text);
        if ('name' in checked) names.set(keyOf(locale, teamId), checked.name);
        else complaints.push(`"${key}": the name of team ${teamId} is left out, ${checked.unusable}.`);
      }
    }
    this.#names = names;
    this.complaints = complaints;
  }

  get size(): number {
    return this.#names.size;
  }

  nameOf({ teamId, locale }: Question): NameAnswer {
    for (const each of localeFallbacks(locale)) {
      const name = this.#names.get(keyOf(each, teamId));
      if (name !== undefined) return { kind: 'name', name };
    }
    return NONE;
  }
}

interface Entry {
  readonly locale: string;
  readonly teamId: string;
  readonly text: string;
}

/** ConfigMaps are written by people, in any case: `ar-eg` is `ar-EG`. */
const keyOf = (locale: string, teamId: string): string => `${canonicalLocale(locale).toLowerCase()}/${teamId}`;

function entriesOf(key: string, text: string): { readonly entries: readonly Entry[]; readonly problem?: string } {
  const { locale = '', rest = '' } = KEY.exec(key)?.groups ?? {};
  if (locale === '') return { entries: [], problem: `"${key}" is neither <locale>.<team id>, such as ar.58, nor <locale>.yaml.` };
  return PAGE.test(rest) ? pageOf(key, locale, text) : { entries: [{ locale, teamId: rest, text }] };
}

/** JSON is YAML too. In the failsafe schema every scalar is a text: team 058 stays 058, and a club called "No" stays a club. */
function pageOf(key: string, locale: string, text: string): ReturnType<typeof entriesOf> {
  const read = parsed(text);
  if ('error' in read) return { entries: [], problem: `"${key}" can't be read: ${firstLine(read.error)}` };
  const { page } = read;
  if (page === null || page === '') return { entries: [] };
  if (typeof page !== 'object' || Array.isArray(page)) return { entries: [], problem: `"${key}" is no list of <team id>: <name>.` };
  const pairs = Object.entries(page);
  const wrong = pairs.find(([teamId, name]) => typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(teamId));
  const entries = pairs.flatMap(([teamId, name]): Entry[] => (typeof name === 'string' ? [{ locale, teamId, text: name }] : []));
  return wrong === undefined ? { entries } : { entries, problem: `"${key}": ${wrong[0].slice(0, 64)} is no <team id>: <name>.` };
}

/** Aliases are refused: a few lines of them grow to gigabytes. */
function parsed(text: string): { readonly page: unknown } | { readonly error: string } {
  try {
    const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: true });
    const [error] = document.errors;
    return error === undefined ? { page: document.toJS({ maxAliasCount: 0 }) } : { error: error.message };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'it is no YAML.' };
  }
}

const firstLine = (message: string): string => message.split('\n')[0]?.slice(0, 200) ?? '';
