import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface MachineRoom {
  /** Where a program asks. */
  readonly url: string;
  close(): void;
}

/**
 * What a cloud is to a program: it asks for machines and gets their addresses. Each path is answered by its own function, and
 * asked twice, as by the next update, with the first answer.
 */
export async function openMachineRoom(answers: Record<string, (body: never) => Promise<object>>): Promise<MachineRoom> {
  const given = new Map<string, Promise<object>>();
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      const answer = given.get(path) ?? Promise.resolve(JSON.parse(text) as never).then(answers[path]);
      given.set(path, answer as Promise<object>);
      answer?.then(
        (body) => response.end(JSON.stringify(body)),
        (error: Error) => response.writeHead(500).end(error.message),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
