/**
 * Order of resourceVersions. Since Kubernetes 1.35 they are documented as decimal numbers of any length that may be compared;
 * as JavaScript numbers they would lose digits, so they are compared as text. What is not a number is not comparable, and every
 * question about it is answered "not known", never guessed.
 */

const NUMBER = /^[0-9]+$/;

/** Below zero when `a` is older than `b`, zero when equal, above when newer; undefined when one of them is not a number. */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!NUMBER.test(a) || !NUMBER.test(b)) return undefined;
  const left = withoutLeadingZeros(a);
  const right = withoutLeadingZeros(b);
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** True when `a` is known to be older than `b`. */
export function isOlder(a: string, b: string): boolean {
  const order = compareResourceVersions(a, b);
  return order !== undefined && order < 0;
}

/** True when `a` is known to be older than `b`, or the same. */
export function isNotNewer(a: string, b: string): boolean {
  const order = compareResourceVersions(a, b);
  return order !== undefined && order <= 0;
}

function withoutLeadingZeros(version: string): string {
  return version.startsWith('0') ? version.replace(/^0+(?=.)/, '') : version;
}
