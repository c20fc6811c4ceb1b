/** The admin port from another process, with the types of the simulator itself. */
import type { FootballDataAdmin } from './service.ts';

type Method = keyof FootballDataAdmin;

/** Changes and watches the simulator whose admin port is at `url`. A method rejects with the simulator's own sentence. */
export function footballDataAdminClient(url: string): FootballDataAdmin {
  const call =
    <M extends Method>(method: M) =>
    async (...args: Parameters<FootballDataAdmin[M]>): Promise<Awaited<ReturnType<FootballDataAdmin[M]>>> => {
      const response = await fetch(`${url}/${method}`, { method: 'POST', body: JSON.stringify(args) });
      const text = await response.text();
      if (!response.ok) throw new Error(`football-data simulator: ${text}`);
      return JSON.parse(text);
    };
  const nothing =
    <M extends Method>(method: M) =>
    async (...args: Parameters<FootballDataAdmin[M]>): Promise<void> => {
      await call(method)(...args);
    };
  return {
    edit: nothing('edit'),
    load: nothing('load'),
    replay: call('replay'),
    setBackends: nothing('setBackends'),
    setOddities: nothing('setOddities'),
    setAccounts: nothing('setAccounts'),
    addFaults: nothing('addFaults'),
    clearFaults: nothing('clearFaults'),
    match: call('match'),
    matches: call('matches'),
    requests: call('requests'),
    clearRequests: nothing('clearRequests'),
  };
}
