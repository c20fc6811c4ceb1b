import { describe, expect, it } from 'vitest';
import { usableName } from '../../src/translation/usable-name.ts';

const RLO = '\u202e';

describe('a name', () => {
  it.each([
    ['in Arabic stays as it is', 'أستون فيلا', 'أستون فيلا'],
    ['in Persian keeps the joiner between its letters', 'می\u200cلان', 'می\u200cلان'],
    ['keeps a mark of direction', 'نادي AVL\u200f', 'نادي AVL\u200f'],
    ['keeps its ampersand and apostrophe', "Brighton & Hove N'Golo", "Brighton & Hove N'Golo"],
    ['loses white space at its ends, and runs of it', '  Aston \u00a0 Villa\t', 'Aston Villa'],
    ['is composed: two spellings of one letter are one', 'Mu\u0308nchen', 'M\u00fcnchen'],
    ['of 128 characters is still one', 'x'.repeat(128), 'x'.repeat(128)],
  ])('%s', (_what, text, name) => {
    expect(usableName(text)).toEqual({ name });
  });

  it.each([
    ['nothing', '', 'empty'],
    ['blanks', ' \t ', 'empty'],
    ['marks without a letter', '\u200f\u200d', 'empty'],
    ['129 characters', 'x'.repeat(129), 'longer than 128'],
    ['the output of a template', 'Villa {{ user.email }}', 'markup'],
    ['a tag of a template', "{% abort_message('no') %}", 'markup'],
    ['one brace', 'Villa }', 'markup'],
    ['an element of HTML', '<b>Villa</b>', 'markup'],
    ['a line end', 'Aston\nVilla', 'control characters'],
    ['a line separator', 'Aston\u2028Villa', 'control characters'],
    ['a bell', 'Aston\u0007', 'control characters'],
    ['an override of the direction', `${RLO}alliV`, 'control characters'],
    ['an isolate of the direction', '\u2067Villa\u2069', 'control characters'],
    ['a zero-width space', 'Aston\u200bVilla', 'control characters'],
    ['a private character', 'Villa \ue000', 'control characters'],
    ['half a character', 'Villa \ud83d', 'not valid Unicode'],
  ])('is never %s', (_what, text, why) => {
    expect(usableName(text)).toEqual({ unusable: expect.stringContaining(why) });
  });
});
