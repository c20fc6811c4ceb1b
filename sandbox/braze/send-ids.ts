/** Send ids, each for one campaign and reusable across its sends (contracts 1.7). */
export class SendIds {
  readonly #pairs = new Set<string>();

  add(sendId: string, campaignId: string): void {
    this.#pairs.add(`${campaignId}|${sendId}`);
  }

  has(sendId: string, campaignId: string): boolean {
    return this.#pairs.has(`${campaignId}|${sendId}`);
  }

  clear(): void {
    this.#pairs.clear();
  }
}
