import type { ResolvedClientOptions } from './client-options.js';
import { addressText, checkAddress, type WebSocketAddress } from './web-socket-address.js';
import type { WebSocketLike } from '../web-socket-like.js';

/** Makes one WebSocket at a time, asking for the address first where it is a function. */
export class Dialer {
  /** Whether the server wants new credentials before the next attempt. */
  refreshDue = false;
  url: WebSocketAddress;
  private calls = 0;

  constructor(
    url: WebSocketAddress,
    private readonly options: Pick<ResolvedClientOptions, 'WebSocket' | 'protocols' | 'refresh'>,
  ) {
    this.url = checkAddress(url);
  }

  /** Whether new credentials can be had: from `refresh`, or from a `url` function that is asked anyway. */
  get canRefresh(): boolean {
    return this.options.refresh !== undefined || typeof this.url === 'function';
  }

  /**
   * Hands over a new WebSocket: at once for a fixed url, else when the function has answered. An answer
   * that comes after {@link cancel} or another call is ignored.
   *
   * @throws what the WebSocket class throws about a fixed url; all other failures go to `failed`
   */
  dial(made: (socket: WebSocketLike) => void, failed: (error: unknown) => void): void {
    const call = ++this.calls;
    const refresh = this.refreshDue ? this.options.refresh : undefined;
    if (refresh === undefined && typeof this.url !== 'function') {
      made(this.open(this.url));
      return;
    }
    void this.askAndOpen(call, refresh, made, failed);
  }

  /** Forgets the call under way. */
  cancel(): void {
    this.calls++;
  }

  private async askAndOpen(
    call: number,
    refresh: ResolvedClientOptions['refresh'],
    made: (socket: WebSocketLike) => void,
    failed: (error: unknown) => void,
  ): Promise<void> {
    let socket: WebSocketLike;
    try {
      const address = await this.ask(refresh);
      if (call !== this.calls) return;
      socket = this.open(address);
      this.refreshDue = false;
      if (typeof this.url !== 'function') this.url = address;
    } catch (error) {
      if (call === this.calls) failed(error);
      return;
    }
    made(socket);
  }

  private async ask(refresh: ResolvedClientOptions['refresh']): Promise<string | URL> {
    if (refresh !== undefined) return refresh();
    return typeof this.url === 'function' ? this.url() : this.url;
  }

  private open(address: string | URL): WebSocketLike {
    const { WebSocket, protocols } = this.options;
    const text = addressText(address);
    return protocols === undefined ? new WebSocket(text) : new WebSocket(text, protocols);
  }
}
