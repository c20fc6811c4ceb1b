/** A TCP door in front of a server: shut, connections are refused; opened again, it is at the same port as before. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Doorway extends AsyncDisposable {
  /** Origin, the same for as long as the doorway exists. */
  readonly url: string;
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** `to`: the origin behind it, asked for with each connection. */
export async function doorway(to: () => string): Promise<Doorway> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const open = async (): Promise<void> => {
    server = createServer((client) => {
      const far = connect(Number(new URL(to()).port), '127.0.0.1');
      for (const [here, there] of [[client, far] as const, [far, client] as const]) {
        sockets.add(here);
        here.on('error', () => there.destroy());
        here.on('close', () => sockets.delete(here));
        here.pipe(there);
      }
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const shut = async (): Promise<void> => {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    server = undefined;
  };
  await open();
  return { url: `http://127.0.0.1:${port}`, open, shut, [Symbol.asyncDispose]: shut };
}
