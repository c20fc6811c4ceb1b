/** Whether the chains of the ledger are whole: what `matchday ledger verify` prints. */
import { Client, type ClientConfig } from 'pg';

export interface Flaw {
  readonly match_key: string;
  readonly seq: string | null;
  readonly problem: string;
}

export interface Verdict {
  readonly rows: number;
  readonly chains: number;
  readonly flaws: readonly Flaw[];
}

/** Reads the whole ledger once. Throws with the database's words. */
export async function verify(connection: ClientConfig): Promise<Verdict> {
  const client = new Client(connection);
  await client.connect();
  try {
    const { rows: flaws } = await client.query<Flaw>('select match_key, seq, problem from schedule_ledger_verify()');
    const { rows } = await client.query<{ rows: string; chains: string }>(
      'select (select count(*) from schedule_ledger) as rows, (select count(*) from schedule_ledger_head) as chains',
    );
    return { rows: Number(rows[0]?.rows ?? 0), chains: Number(rows[0]?.chains ?? 0), flaws };
  } finally {
    await client.end();
  }
}
