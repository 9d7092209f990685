import { describe, expect, it } from 'vitest';
import { socketOptions } from '../../../lib/adapter/socket-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const choose = (ours: boolean, ...offered: string[]): string | false => {
  const { handleProtocols } = socketOptions(resolveOptions().limits, () => ours);
  return handleProtocols?.(new Set(offered), {} as never) ?? false;
};

describe('the subprotocol', () => {
  it('is ours where it is offered and spoken', () => {
    expect(choose(true, 'chat', 'hauyna.v1.json', 'hauyna.token.x')).toBe('hauyna.v1.json');
  });

  it('is the first of others, or browsers would refuse the connection they asked for', () => {
    expect(choose(true, 'chat', 'other')).toBe('chat');
    expect(choose(false, 'chat', 'other')).toBe('chat');
  });

  it('is never ours where nobody speaks it, nor a token sent back', () => {
    expect(choose(false, 'hauyna.v1.json', 'hauyna.token.x', 'chat')).toBe('chat');
    expect(choose(false, 'hauyna.v1.json', 'hauyna.token.x')).toBe(false);
  });
});
