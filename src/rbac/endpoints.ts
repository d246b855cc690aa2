import type { Show } from "../shape";
import { isDeferred, shown } from "../shape";

/** What is wrong with the endpoints, once they are known. */
export function endpointsProblems(endpoints: unknown, show: Show = shown): string[] {
  if (isDeferred(endpoints)) return [];
  if (!Array.isArray(endpoints)) return [`endpoints is ${show(endpoints)}; give a list, such as [...]`];
  return endpoints.length === 0
    ? [`endpoints is empty; give at least one, such as "https://etcd-1.example.com:2379"`]
    : endpoints.flatMap((endpoint, i) => endpointProblems(`endpoints[${i}]`, endpoint, show));
}

function endpointProblems(path: string, endpoint: unknown, show: Show): string[] {
  if (isDeferred(endpoint) || isEndpoint(String(endpoint))) return [];
  const given = String(endpoint).includes("@") ? "an address with a login" : show(endpoint);
  const reason = /^http:/.test(String(endpoint)) ? "; without TLS etcd cannot tell who asks" : "";
  return [`${path} is ${given}${reason}; give https://, a host and a port, such as "https://10.0.0.1:2379"`];
}

const isEndpoint = (endpoint: string) => /^https:\/\/[^/\s@?#]+:[1-9]\d*$/.test(endpoint) && URL.canParse(endpoint);
