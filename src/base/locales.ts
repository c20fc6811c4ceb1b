/** Locales as people write them, `ar` or `ar-EG`, and as names of fields can hold them. Pure. */

/** One spelling for each: `ar_EG` is `ar-EG`. */
export const canonicalLocale = (locale: string): string => locale.replaceAll('_', '-');

/** Where a name is looked for, best first: `zh-Hant-TW`, `zh-Hant`, `zh`. */
export function localeFallbacks(locale: string): readonly string[] {
  const parts = canonicalLocale(locale).split('-');
  return parts.map((_, at) => parts.slice(0, parts.length - at).join('-'));
}

/** The end of a content field: Liquid reads `items[0].home_ar_EG`, a hyphen would be a minus to some. */
export const localeSuffix = (locale: string): string => locale.replaceAll('-', '_');
