/** The options as they come from the command line. */
export interface Options {
  endpoint?: string[];
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  role?: string[];
  write?: string;
  language: string;
  json?: true;
}
