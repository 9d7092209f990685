import { tellParent } from '../shared/frame-messages.js';

/** The browser's WebSocket, with every frame also shown in the drawer "Frames". The latest one is `current`. */
export function tappedSocket(user) {
  const tell = (direction, text) => tellParent('frame', { user, direction, text, at: Date.now() });
  return class TappedSocket extends WebSocket {
    static current;

    constructor(url, protocols) {
      super(url, protocols);
      TappedSocket.current = this;
      this.addEventListener('message', (event) => tell('in', event.data));
    }

    send(text) {
      tell('out', text);
      super.send(text);
    }
  };
}
