// Lets the examples and the tests' programs import this checkout as "etcd-pki", as a user's program would.
import { existsSync, mkdirSync, symlinkSync } from "node:fs";

if (!existsSync("node_modules/etcd-pki")) {
  mkdirSync("node_modules", { recursive: true });
  symlinkSync("..", "node_modules/etcd-pki", "junction");
}
