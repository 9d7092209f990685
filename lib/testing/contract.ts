/** What a case needs beyond the port itself. */
export type ContractNeed = 'advance' | 'secondNode';

/**
 * One promise of a port. It knows nothing of a test runner:
 *
 * ```ts
 * for (const { name, run } of brokerContract) it(name, async () => run(await createPorts()));
 * ```
 *
 * Every case wants ports of its own, in which nothing has happened yet.
 */
export interface ContractCase<Ports> {
  name: string;
  /** Which optional port it cannot do without; see {@link casesWithout}. */
  needs?: ContractNeed;
  /** Resolves when the promise was kept; rejects with an AssertionError when it was not. */
  run: (ports: Ports) => Promise<void>;
}

/** The cases that can run without the given optional ports. */
export function casesWithout<Ports>(
  contract: readonly ContractCase<Ports>[],
  ...missing: readonly ContractNeed[]
): ContractCase<Ports>[] {
  return contract.filter(({ needs }) => needs === undefined || !missing.includes(needs));
}

/** An optional port a case cannot do without. */
export function required<T>(port: T | undefined, name: ContractNeed): T {
  if (port === undefined)
    throw new Error(`This case needs the port "${name}"; leave it out with casesWithout().`);
  return port;
}
