import { HauynaConfigurationError } from '../errors/hauyna.error.js';

/** What to add when the adapter is missing. */
export const MISSING_ADAPTER =
  'HauynaModule is imported, but its WebSocket adapter is not installed. Add this line to main.ts, before app.listen(): ' +
  'app.useWebSocketAdapter(app.get(HauynaWsAdapter));';

/** Sits in the adapter's place until the application installs one, and says what is missing if it never does. */
export class MissingAdapter {
  create(): never {
    throw new HauynaConfigurationError(MISSING_ADAPTER);
  }

  close(): void {
    // Nothing was opened.
  }

  dispose(): void {
    // Nothing was opened.
  }
}
