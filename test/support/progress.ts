/** Says on stderr what goes on and how long it usually takes, and afterwards how long it took. */
export async function progress<T>(what: string, usualSeconds: number, work: () => Promise<T>): Promise<T> {
  const begin = Date.now();
  const seconds = () => `${((Date.now() - begin) / 1000).toFixed(0)} s`;
  console.error(`${what} (usually ${usualSeconds} s) ...`);
  try {
    const result = await work();
    console.error(`${what}: done after ${seconds()}`);
    return result;
  } catch (error) {
    console.error(`${what}: failed after ${seconds()}`);
    throw error;
  }
}
