import { $, setText } from '../shared/dom.js';
import { onChildMessage } from '../shared/frame-messages.js';
import { t } from '../shared/preferences.js';
import { NAMES, USERS } from './panes.js';

/** What is shown, ms. */
const WINDOW = 60_000;
const REDRAW = 250;
/** The scale never ends below this, so that a quiet line looks quiet, ms. */
const LEAST = 20;
const PADDING = { left: 50, right: 8, top: 8, bottom: 18 };

/** Round trips of the last minute, and, shaded, the time without a connection. */
export class LatencyGraph {
  #canvas = $('#graph');
  #points = new Map(USERS.map((user) => [user, []]));
  #bands = new Map(USERS.map((user) => [user, []]));

  constructor() {
    onChildMessage('latency', ({ user, kind, ms, at }) => this.#points.get(user)?.push({ kind, ms, at }));
    onChildMessage('state', ({ user, state, at }) => this.#moved(this.#bands.get(user), state, at));
    setInterval(() => document.hidden || this.render(), REDRAW);
  }

  render() {
    const now = Date.now();
    const begin = now - WINDOW;
    for (const user of USERS) {
      forget(this.#points.get(user), ({ at }) => at < begin);
      forget(this.#bands.get(user), ({ to }) => to !== null && to < begin);
      const values = this.#points
        .get(user)
        .map(({ ms }) => ms)
        .sort((a, b) => a - b);
      const quantiles = { p50: at(values, 0.5), p95: at(values, 0.95) };
      setText($(`#quantiles-${user}`), t('graph.quantiles', { name: NAMES[user], ...quantiles }));
    }
    this.#draw(begin, now);
  }

  #moved(bands, state, at) {
    const open = bands?.at(-1)?.to === null ? bands.at(-1) : undefined;
    if (state === 'connected') {
      if (open !== undefined) open.to = at;
    } else if (open === undefined) bands?.push({ from: at, to: null });
  }

  #draw(begin, now) {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    if (width === 0) return;
    if (this.#canvas.width !== width * scale || this.#canvas.height !== height * scale) {
      Object.assign(this.#canvas, { width: width * scale, height: height * scale });
    }
    const context = this.#canvas.getContext('2d');
    const colour = colours();
    const top = niceTop(Math.max(LEAST, ...[...this.#points.values()].flat().map(({ ms }) => ms)));
    const x = (time) => PADDING.left + ((time - begin) / WINDOW) * (width - PADDING.left - PADDING.right);
    const y = (ms) => height - PADDING.bottom - (ms / top) * (height - PADDING.top - PADDING.bottom);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#axes(context, colour, { x, y, top, width, height, begin });
    USERS.forEach((user, index) => {
      context.fillStyle = colour[user];
      context.globalAlpha = 0.16;
      // Each person has half of the height, so that two losses at once are two.
      const half = (height - PADDING.top - PADDING.bottom) / 2;
      for (const { from, to } of this.#bands.get(user)) {
        const left = Math.max(x(from), PADDING.left);
        context.fillRect(left, PADDING.top + index * half, Math.max(1, x(to ?? now) - left), half);
      }
      context.globalAlpha = 1;
      this.#line(context, this.#points.get(user), x, y, colour[user]);
    });
  }

  #axes(context, colour, { y, x, top, width, height, begin }) {
    context.font = `11px ${colour.font}`;
    context.strokeStyle = colour.line;
    context.fillStyle = colour.dim;
    context.lineWidth = 1;
    context.textAlign = 'right';
    for (const ms of [0, top / 2, top]) {
      const line = Math.round(y(ms)) + 0.5;
      context.beginPath();
      context.moveTo(PADDING.left, line);
      context.lineTo(width - PADDING.right, line);
      context.stroke();
      context.fillText(top >= 1000 ? `${ms / 1000} s` : `${ms} ms`, PADDING.left - 6, line + 4);
    }
    for (const [share, align] of [
      [0, 'left'],
      [0.5, 'center'],
      [1, 'right'],
    ]) {
      context.textAlign = align;
      const text = share === 1 ? t('graph.now') : `−${60 - share * 60} s`;
      context.fillText(text, x(begin + share * WINDOW), height - 4);
    }
  }

  /** Pings are the line, acknowledgements are dots. */
  #line(context, points, x, y, colour) {
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 1.75;
    context.beginPath();
    let last = -Infinity;
    for (const { kind, ms, at } of points) {
      if (kind !== 'ping') continue;
      // No line over a time without a connection.
      if (at - last > 3000) context.moveTo(x(at), y(ms));
      else context.lineTo(x(at), y(ms));
      last = at;
    }
    context.stroke();
    for (const { kind, ms, at } of points) if (kind === 'ack') context.fillRect(x(at) - 1, y(ms) - 1, 2, 2);
  }
}

function forget(list, isOld) {
  while (list.length > 0 && isOld(list[0])) list.shift();
}

function at(sorted, share) {
  if (sorted.length === 0) return '–';
  const ms = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

function niceTop(ms) {
  const power = 10 ** Math.floor(Math.log10(ms));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((top) => top >= ms);
}

/** As the style has worked them out: `light-dark()` is nothing a canvas knows. */
function colours() {
  const style = (selector, part) => getComputedStyle($(selector), part);
  return {
    ana: style('#quantiles-ana', '::before').backgroundColor,
    luis: style('#quantiles-luis', '::before').backgroundColor,
    line: style('.card').borderTopColor,
    dim: style('.foot').color,
    font: style('.foot').fontFamily,
  };
}
