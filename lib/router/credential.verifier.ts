import type { Connection } from '../connection/connection.js';
import type { Identity } from '../options/hauyna.options.js';

/** Decides again who is at the other end of an open connection; only the adapter knows how it was decided at first. */
export abstract class CredentialVerifier {
  /**
   * @returns who the token belongs to, `null` for nobody
   * @throws what `identify` or `@OnUpgrade` throws, turned into a `HauynaError`
   */
  abstract verify(connection: Connection, token: string): Promise<Identity | null>;
}
