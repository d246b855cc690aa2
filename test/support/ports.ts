import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** So many different loopback ports that nothing listens on at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  // All are held until the last is found, so that no port comes twice.
  while (held.length < count) {
    const server = await listen(randomPort());
    if (server) held.push(server);
  }
  const ports = held.map((server) => (server.address() as { port: number }).port);
  await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

// Below the range from which the system takes ports for outgoing connections, so that none of those takes a found port.
const randomPort = () => randomInt(10_000, 32_000);

function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
