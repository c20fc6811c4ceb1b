/** Ends a switch over a closed union: a forgotten case does not compile, an impossible value is named. */
export function assertNever(value: never): never {
  throw new TypeError(`not a known case: ${JSON.stringify(value)}`);
}
