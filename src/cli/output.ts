/** One result in the form that `-o` asks for. */
import { stringify } from 'yaml';
import type { Output } from './input.ts';
import type { Session } from './session.ts';

/** `text` is called for the forms that people read. */
export function print<T>({ say }: Session, output: Output, { data, text }: { readonly data: T; readonly text: () => string }): void {
  if (output === 'json') say(JSON.stringify(data, null, 2));
  else if (output === 'yaml') say(stringify(data).trimEnd());
  else say(text());
}
