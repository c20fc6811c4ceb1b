/**
 * API keys: a fixed set of permissions each, which can't be edited after creation (contracts 1.1); to rotate is to add a new one and to
 * remove the old one. Only a key's name ever leaves this file: logs, errors and the admin port never show the key itself.
 */
export interface ApiKey {
  readonly name: string;
  readonly key: string;
  /** Permission names, or everything. */
  readonly permissions: '*' | readonly string[];
}

export type KeyCheck = { readonly kind: 'known'; readonly name: string; may(permission: string): boolean } | { readonly kind: 'unknown' };

export class ApiKeys {
  readonly #keys = new Map<string, ApiKey>();

  add(key: ApiKey): void {
    if (this.#keys.has(key.name))
      throw new Error(`a key named ${key.name} exists: keys can not be edited, remove it or choose another name`);
    this.#keys.set(key.name, key);
  }

  remove(name: string): void {
    this.#keys.delete(name);
  }

  list(): readonly Omit<ApiKey, 'key'>[] {
    return [...this.#keys.values()].map(({ name, permissions }) => ({ name, permissions }));
  }

  clear(): void {
    this.#keys.clear();
  }

  /** `Bearer <key>`, to the letter: a quoted key or a missing `Bearer` is no key. */
  check(authorization: string | undefined): KeyCheck {
    const given = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    const key = [...this.#keys.values()].find((known) => known.key === given);
    if (key === undefined) return { kind: 'unknown' };
    const { name, permissions } = key;
    return { kind: 'known', name, may: (permission) => permissions === '*' || permissions.includes(permission) };
  }
}
