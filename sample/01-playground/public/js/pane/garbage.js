/** What a careless or a hostile client might send. Each is answered with an error of its own kind. */
export const GARBAGE = [
  '{"type": "channel_message", "channel": ',
  '{"type": "make_coffee", "sugar": 2}',
  '{"type": "channel_message", "channel": 42, "message": "hi"}',
  '{"type": "channel_message", "channel": "nobody-is-here", "message": "hi"}',
];
