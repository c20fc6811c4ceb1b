/**
 * Whether a translator that an object names may be called. An object of a namespace must not be able to make the operator call any host
 * it likes (P6), so the origin must be one that whoever runs the operator allowed with `--allow-translator`. Pure.
 */

/** `base`: with its path and without a slash at the end. */
export type TranslatorUrl = { readonly base: string } | { readonly refused: string };

export function allowedUrl(url: string, allowedOrigins: readonly string[]): TranslatorUrl {
  if (!URL.canParse(url)) return refuse(url, 'it is not a URL');
  const parsed = new URL(url);
  if (parsed.username !== '' || parsed.password !== '')
    return { refused: 'The URL of the translator must not carry a user name or a password.' };
  if (parsed.search !== '' || parsed.hash !== '') return refuse(url, 'it has a query or a fragment');
  if (!allowedOrigins.includes(parsed.origin)) return refuse(url, `the operator was not started with --allow-translator ${parsed.origin}`);
  return { base: `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, '') };
}

const refuse = (url: string, why: string): TranslatorUrl => ({ refused: `The translator ${url} is not called: ${why}.` });
