/** What the frames of the page tell each other. Always same origin. */
export function tellParent(kind, detail) {
  if (window.parent !== window) window.parent.postMessage({ hauyna: kind, ...detail }, location.origin);
}

export function onChildMessage(kind, listener) {
  addEventListener('message', (event) => {
    if (event.origin === location.origin && event.data?.hauyna === kind) listener(event.data, event.source);
  });
}
