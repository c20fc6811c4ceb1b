/**
 * What every source of translated names is to those who use one. A source answers from memory, at once: nobody who has a fixture to apply
 * ever waits for a name (design §6).
 */

export interface Question {
  /** The fixture provider's id of the team, such as `58`. */
  readonly teamId: string;
  /** The name to translate, such as `Aston Villa FC`. */
  readonly name: string;
  /** Such as `ar` or `ar-EG`. */
  readonly locale: string;
}

/** `none`: there is no translation. `unknown`: that is not known now, so what was shown before stays. */
export type NameAnswer = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'none' } | { readonly kind: 'unknown' };

export interface NameSource {
  /** Never waits, never throws. A source that has to ask somebody begins to and says `unknown` meanwhile. */
  nameOf(question: Question): NameAnswer;
}

export const NONE: NameAnswer = { kind: 'none' };
export const UNKNOWN: NameAnswer = { kind: 'unknown' };

/**
 * The first that knows a name. One that does not know yet is waited for: else a person's own name would give way to a machine's each time
 * the table could not be read.
 */
export function firstOf(sources: readonly NameSource[]): NameSource {
  return {
    nameOf: (question) => {
      for (const source of sources) {
        const answer = source.nameOf(question);
        if (answer.kind !== 'none') return answer;
      }
      return NONE;
    },
  };
}
