/**
 * Whether a text from outside may be a team's name in a message. Names are data: what could be read as an instruction by a template, an
 * HTML view or a terminal is no name. Nothing is repaired but white space, because half a name is worse than the original. Pure.
 */

/** As many as the kind takes (MatchNotification, `match.home.names`). */
const MAX_NAME_LENGTH = 128;

/** Letters that are joined, and the direction of a mark between two scripts: they belong to Arabic, Persian and Indian names. */
const JOINERS_AND_MARKS = /\u061c|\u200c|\u200d|\u200e|\u200f/gu;
/** Controls, formatting (overrides of the direction included), private and unassigned characters, and line ends. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
/** The beginnings and ends of Liquid and of HTML. */
const MARKUP = /[{}<>]/;

export type NameCheck = { readonly name: string } | { readonly unusable: string };

export function usableName(text: string): NameCheck {
  if (!text.isWellFormed()) return { unusable: 'it is not valid Unicode' };
  const name = text
    .normalize('NFC')
    .replaceAll(/[\p{Zs}\t]+/gu, ' ')
    .trim();
  if (name.replaceAll(JOINERS_AND_MARKS, '') === '') return { unusable: 'it is empty' };
  if (name.length > MAX_NAME_LENGTH) return { unusable: `it is longer than ${MAX_NAME_LENGTH} characters` };
  if (MARKUP.test(name)) return { unusable: 'it holds one of { } < >, which a template or a page could take for markup' };
  if (UNSEEN.test(name.replaceAll(JOINERS_AND_MARKS, ''))) return { unusable: 'it holds control characters' };
  return { name };
}
