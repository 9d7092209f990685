import assert from 'node:assert/strict';
import { IDEMPOTENCY_TTL } from '../broker/broker.js';
import { Ear, KEEP, publication, type BrokerPorts } from './broker-listening.js';
import { required, type ContractCase } from './contract.js';

/** Publishing, hearing, order and repetition. */
export const deliveryCases: readonly ContractCase<BrokerPorts>[] = [
  {
    name: 'delivers a publication whole, with the position its publisher was told',
    async run({ broker }) {
      const ear = new Ear(broker);
      await broker.subscribe('room1');
      const payload = { text: 'Hola canal! ñ😀\u2028', list: [1, null, true] };
      const result = await broker.publish(
        publication('room1', payload, { event: 'greeting', user: 'user1' }),
      );
      await broker.publish(publication('room1', 'end'));
      await ear.until('end');
      const heard = ear.heard[0];
      assert.ok(heard);
      const { at, ...rest } = heard.publication;
      assert.deepEqual(rest, {
        channel: 'room1',
        event: 'greeting',
        payload: JSON.stringify(payload),
        user: 'user1',
        offset: result.offset,
        epoch: result.epoch,
      });
      assert.equal(typeof at, 'number');
      assert.equal(heard.except, undefined);
      assert.equal(result.duplicate, false);
    },
  },
  {
    name: 'counts the publications of a channel from 1 in steps of 1, each channel by itself',
    async run({ broker }) {
      await broker.subscribe('room1');
      await broker.subscribe('room2');
      const first = await broker.publish(publication('room1', 1));
      const second = await broker.publish(publication('room1', 2));
      const other = await broker.publish(publication('room2', 1));
      assert.deepEqual([first.offset, second.offset, other.offset], [1, 2, 1]);
      assert.equal(first.epoch, second.epoch);
      assert.notEqual(first.epoch, '');
    },
  },
  {
    name: 'hears nothing of channels it has not subscribed to, or no longer is',
    async run({ broker }) {
      const ear = new Ear(broker);
      await broker.publish(publication('room1', 'too early'));
      await broker.subscribe('room2');
      await broker.publish(publication('room1', 'other channel'));
      await broker.subscribe('room1');
      await broker.publish(publication('room1', 'heard'));
      await ear.until('heard');
      await broker.unsubscribe('room1');
      await broker.publish(publication('room1', 'too late'));
      await broker.subscribe('room1');
      await broker.publish(publication('room1', 'end'));
      assert.deepEqual(await ear.until('end'), ['heard', 'end']);
    },
  },
  {
    name: 'subscribing and unsubscribing twice is the same as once',
    async run({ broker }) {
      const ear = new Ear(broker);
      await broker.unsubscribe('room1');
      await broker.subscribe('room1');
      await broker.subscribe('room1');
      await broker.publish(publication('room1', 'once'));
      await ear.until('once');
      await broker.unsubscribe('room1');
      await broker.unsubscribe('room1');
      await broker.publish(publication('room1', 'gone'));
      await broker.subscribe('room1');
      await broker.publish(publication('room1', 'end'));
      assert.deepEqual(await ear.until('end'), ['once', 'end']);
    },
  },
  {
    name: 'all listeners hear everything until they are removed',
    async run({ broker }) {
      const first = new Ear(broker);
      const second = new Ear(broker);
      await broker.subscribe('room1');
      await broker.publish(publication('room1', 1));
      await Promise.all([first.until(1), second.until(1)]);
      first.stop();
      first.stop();
      await broker.publish(publication('room1', 2));
      assert.deepEqual(await second.until(2), [1, 2]);
      assert.deepEqual(first.values, [1]);
    },
  },
  {
    name: 'publications made at the same time get different offsets and are heard in their order',
    async run({ broker }) {
      const ear = new Ear(broker);
      await broker.subscribe('room1');
      const count = 50;
      const results = await Promise.all(
        Array.from({ length: count }, (_, n) => broker.publish(publication('room1', n))),
      );
      const expected = Array.from({ length: count }, (_, n) => n + 1);
      assert.deepEqual(
        results.map(({ offset }) => offset).toSorted((a, b) => a - b),
        expected,
      );
      await broker.publish(publication('room1', 'end'));
      await ear.until('end');
      assert.deepEqual(
        ear.heard.map((heard) => heard.publication.offset),
        [...expected, count + 1],
      );
    },
  },
  {
    name: 'a volatile publication is delivered, but takes no offset and is not kept',
    async run({ broker }) {
      const ear = new Ear(broker);
      await broker.subscribe('room1');
      const before = await broker.publish(publication('room1', 1, { history: KEEP }));
      const result = await broker.publish(
        publication('room1', 'volatile', { history: KEEP, volatile: true }),
      );
      const after = await broker.publish(publication('room1', 2, { history: KEEP }));
      assert.equal(result.offset, 0);
      assert.equal(after.offset, before.offset + 1);
      assert.deepEqual(await ear.until(2), [1, 'volatile', 2]);
      assert.equal(ear.heard[1]?.publication.offset, 0);
      const { publications } = await broker.history('room1', { limit: 10 });
      assert.deepEqual(
        publications.map(({ payload }) => payload),
        ['1', '2'],
      );
    },
  },
  {
    name: 'hands on who does not get it, and keeps it for them all the same',
    async run({ broker }) {
      const ear = new Ear(broker);
      await broker.subscribe('room1');
      await broker.publish(publication('room1', 1, { except: ['user1', 'connection-7'], history: KEEP }));
      await ear.until(1);
      assert.deepEqual([...(ear.heard[0]?.except ?? [])], ['user1', 'connection-7']);
      assert.equal((await broker.history('room1', { limit: 10 })).publications.length, 1);
    },
  },
  {
    name: 'a repeated publish with the same key is stored and delivered once, with the result of the first time',
    async run({ broker }) {
      const ear = new Ear(broker);
      await broker.subscribe('room1');
      const keyed = { idempotencyKey: 'order-1', history: KEEP };
      const first = await broker.publish(publication('room1', 'once', keyed));
      await broker.publish(publication('room1', 'between', { history: KEEP }));
      const again = await broker.publish(publication('room1', 'once', keyed));
      assert.deepEqual(again, { ...first, duplicate: true });
      await broker.publish(publication('room1', 'end', { history: KEEP }));
      assert.deepEqual(await ear.until('end'), ['once', 'between', 'end']);
      assert.equal((await broker.history('room1', { limit: 10 })).publications.length, 3);
    },
  },
  {
    name: 'of many who publish with the same key at once, one is no duplicate',
    async run({ broker }) {
      await broker.subscribe('room1');
      const request = publication('room1', 'once', { idempotencyKey: 'order-1', history: KEEP });
      const results = await Promise.all(Array.from({ length: 20 }, () => broker.publish(request)));
      assert.equal(results.filter(({ duplicate }) => !duplicate).length, 1);
      assert.deepEqual(new Set(results.map(({ offset }) => offset)), new Set([1]));
    },
  },
  {
    name: 'a key counts in its own channel only',
    async run({ broker }) {
      await broker.publish(publication('room1', 1, { idempotencyKey: 'key', history: KEEP }));
      const other = await broker.publish(publication('room2', 1, { idempotencyKey: 'key', history: KEEP }));
      assert.equal(other.duplicate, false);
    },
  },
  {
    name: 'a key is forgotten after its time',
    needs: 'advance',
    async run({ broker, advance }) {
      const request = publication('room1', 1, { idempotencyKey: 'key' });
      await broker.subscribe('room1');
      await broker.publish(request);
      await required(advance, 'advance')(IDEMPOTENCY_TTL - 1000);
      assert.equal((await broker.publish(request)).duplicate, true);
      await required(advance, 'advance')(2000);
      assert.equal((await broker.publish(request)).duplicate, false);
    },
  },
  {
    name: 'takes channel names as they are: case, spaces, separators and names of built-in properties',
    async run({ broker }) {
      const ear = new Ear(broker);
      const names = [
        '__proto__',
        'constructor',
        'Con Espacio',
        'con espacio',
        'a:b',
        'a',
        '{x}',
        'x*',
        'x1',
        'ñ😀',
      ];
      for (const name of names) await broker.subscribe(name);
      for (const name of names) await broker.publish(publication(name, name));
      await ear.until('ñ😀');
      assert.deepEqual(
        ear.heard.map((heard) => heard.publication.channel),
        ear.values,
      );
      assert.deepEqual(new Set(ear.values), new Set(names));
      assert.equal(ear.heard.length, names.length);
    },
  },
  {
    name: 'all nodes hear what one of them publishes, in one order',
    needs: 'secondNode',
    async run({ broker, secondNode }) {
      const other = required(secondNode, 'secondNode');
      const here = new Ear(broker);
      const there = new Ear(other);
      await Promise.all([broker.subscribe('room1'), other.subscribe('room1')]);
      const all = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? broker : other));
      await Promise.all(all.map((node, n) => node.publish(publication('room1', n))));
      await broker.publish(publication('room1', 'end'));
      assert.deepEqual(await here.until('end'), await there.until('end'));
      assert.deepEqual(
        here.heard.map((heard) => heard.publication.offset),
        Array.from({ length: 21 }, (_, n) => n + 1),
      );
    },
  },
  {
    name: 'closing twice is harmless',
    async run({ broker }) {
      await broker.subscribe('room1');
      await broker.publish(publication('room1', 1, { history: KEEP, idempotencyKey: 'key' }));
      await broker.close();
      await assert.doesNotReject(broker.close());
    },
  },
];
