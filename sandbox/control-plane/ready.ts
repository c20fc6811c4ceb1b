import { once } from 'node:events';
import { get, type RequestOptions } from 'node:https';
import { until } from '../process/until.ts';

export interface ReadyOptions {
  readonly port: number;
  readonly token: string;
  /** PEM; throws while the server has not made its certificate yet. */
  readonly readCertificate: () => Promise<string>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves with the server's certificate when the API server says that it is ready and the namespaces that every cluster has are there.
 * Only our own server counts: another one on the same port has another certificate.
 */
export function untilReady({ port, token, readCertificate, timeoutMs, signal }: ReadyOptions): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    const ca = await readCertificate();
    const options = { host: '127.0.0.1', port, ca, headers: { authorization: `Bearer ${token}` }, agent: false, timeout: 2_000 };
    for (const path of ['/readyz', '/api/v1/namespaces/default', '/api/v1/namespaces/kube-system']) {
      const status = await statusOf({ ...options, path });
      if (status !== 200) throw new Error(`${path} answered ${status}`);
    }
    return ca;
  };
  return until(look, { what: 'the API server to become ready', timeoutMs, everyMs: 50, signal });
}

async function statusOf(options: RequestOptions): Promise<number | undefined> {
  const request = get(options);
  request.on('timeout', () => request.destroy(new Error('no answer')));
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}
