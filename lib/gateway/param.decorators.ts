import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { connectionOf } from '../connection/connection-of.js';
import { FrameContext, type FrameInfo } from './frame-context.js';

/** The user of the connection; `null` for an anonymous one. */
export const UserId = createParamDecorator((_: unknown, context: ExecutionContext): string | null => {
  return connectionOf(context.switchToWs().getClient())?.userId ?? null;
});

/** The channel the frame concerns. */
export const ChannelName = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined => {
    return frameOf(context)?.channel;
  },
);

/** A parameter of the channel pattern (`room:{id}` → `@ChannelParam('id')`), or all of them. */
export const ChannelParam = createParamDecorator((name: string | undefined, context: ExecutionContext) => {
  return pick(frameOf(context)?.params, name);
});

/** A parameter of the gateway's path (`/rooms/:roomId` → `@PathParam('roomId')`), or all of them. */
export const PathParam = createParamDecorator((name: string | undefined, context: ExecutionContext) => {
  return pick(connectionOf(context.switchToWs().getClient())?.params, name);
});

/** A query parameter of the connection, always text, or all of them. */
export const QueryParam = createParamDecorator((name: string | undefined, context: ExecutionContext) => {
  return pick(connectionOf(context.switchToWs().getClient())?.query, name);
});

/** `{ type, id, channel, params, event }` of the frame. */
export const FrameMeta = createParamDecorator(
  (_: unknown, context: ExecutionContext): FrameInfo | undefined => frameOf(context)?.info,
);

function frameOf(context: ExecutionContext): FrameContext | undefined {
  const frame: unknown = context.getArgByIndex(2);
  return FrameContext.is(frame) ? frame : undefined;
}

function pick(
  values: Readonly<Record<string, string>> | undefined,
  name: string | undefined,
): string | Record<string, string> | undefined {
  if (name === undefined) return { ...values };
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}
