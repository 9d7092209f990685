export { createTestApp } from './create-test-app.js';
export { TestApp } from './test-app.js';
export type { TestAppConnectOptions } from './test-app.js';
export type { Override, TestAppOptions } from './test-app.options.js';
export { CollectingLogger } from './collecting.logger.js';
export type { LogEntry } from './collecting.logger.js';

export { connectClient } from './connect-client.js';
export type { ConnectOptions } from './connect-client.js';
export { TestClient } from './test-client.js';
export type { Closed, ExpectNoneOptions } from './test-client.js';
export type { Frame, FrameMatcher } from './frame-matcher.js';
export { RequestError, UpgradeError } from './client-errors.js';

export { FakeConnection, fakeConnection } from './fake.connection.js';
export type { FakeConnectionOptions } from './fake.connection.js';
export { ManualClock } from './manual.clock.js';
export { SequentialIdSource } from './sequential.id-source.js';

export { brokerContract } from './broker.contract.js';
export type { BrokerPorts } from './broker-listening.js';
export { groupStoreContract } from './group-store.contract.js';
export type { GroupStorePorts } from './group-store.contract.js';
export { presenceStoreContract } from './presence-store.contract.js';
export type { PresenceStorePorts } from './presence-store.contract.js';
export { casesWithout } from './contract.js';
export type { ContractCase, ContractNeed } from './contract.js';
