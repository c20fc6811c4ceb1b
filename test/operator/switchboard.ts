/** One endpoint of Braze before several workspaces: which one answers goes by the API key, as at the real one. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Switchboard extends AsyncDisposable {
  /** Origin, the same whichever key is used. */
  readonly url: string;
}

/** `to`: the origin that a key leads to. */
export async function switchboard(to: (key: string) => string): Promise<Switchboard> {
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, to));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, to: (key: string) => string): void {
  const { authorization = '' } = incoming.headers;
  const { method, url = '/', headers } = incoming;
  const further = request(new URL(url, to(authorization.replace(/^Bearer /, ''))), { method: method ?? 'GET', headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  further.on('error', () => outgoing.destroy());
  incoming.pipe(further);
}
