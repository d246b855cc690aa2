import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP address of its own that leads to another one, as a virtual IP or a load balancer does. */
export interface Forwarder {
  readonly endpoint: string;
  /** Leads to another address from now on; connections that are open end. */
  lead(endpoint: string): void;
  /** Accepts no more and ends what is open, until it leads somewhere again. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts one on the loopback; what comes back is held for `delayMs`, as on a long line. */
export async function startForwarder(endpoint: string, delayMs = 0): Promise<Forwarder> {
  let target: string | undefined = endpoint;
  const sockets = new Set<Socket>();
  const end = () => sockets.forEach((socket) => socket.destroy());
  const kept = (socket: Socket) => {
    sockets.add(socket);
    return socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    kept(client);
    if (target === undefined) return client.destroy();
    const { hostname, port } = new URL(target);
    const etcd = kept(connect(Number(port), hostname));
    client.pipe(etcd);
    etcd.on("data", (data) => setTimeout(() => client.write(data), delayMs));
    etcd.on("end", () => setTimeout(() => client.end(), delayMs));
    etcd.on("error", () => client.destroy());
    client.on("close", () => etcd.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (next) => {
      target = next;
      end();
    },
    cut: () => {
      target = undefined;
      end();
    },
    close: async () => {
      end();
      await new Promise((closed) => server.close(closed));
    },
  };
}
