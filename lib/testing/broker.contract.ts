import { historyCases } from './broker-history.cases.js';
import type { BrokerPorts } from './broker-listening.js';
import { deliveryCases } from './broker-delivery.cases.js';
import type { ContractCase } from './contract.js';

/** What every `Broker` promises. */
export const brokerContract: readonly ContractCase<BrokerPorts>[] = [...deliveryCases, ...historyCases];
