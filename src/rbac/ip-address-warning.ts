/**
 * Keeps Node from warning, in every preview, that grpc-js names an IP address to TLS (DEP0123): etcd is often reached by
 * its address, and there is nothing for the user to do about it.
 */
export function silenceIpAddressWarning(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (!args.includes("DEP0123")) emitWarning(...args);
  };
}
