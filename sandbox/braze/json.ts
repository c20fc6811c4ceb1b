/** Small readers for JSON of unknown shape: a request body is never trusted to look like the contract. */

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member as a string, or undefined when it is absent or something else. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const objectOf = (value: unknown): Json | undefined => (isObject(value) ? value : undefined);

/** The same text for the same value, whatever the order of its keys: how "the same audience object" is recognised. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}
