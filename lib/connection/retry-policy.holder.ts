import { Injectable } from '@nestjs/common';
import { HauynaError } from '../errors/hauyna.error.js';
import { OptionChecks } from '../options/option-checks.js';
import { resolveRetryPolicy } from '../options/resolve-options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import type { RetryPolicy } from '../protocol/retry-policy.js';

/** The retry policy clients are told; starts as the option and can be changed while the application runs. */
@Injectable()
export class RetryPolicyHolder {
  private policy: Readonly<RetryPolicy>;

  constructor(options: ResolvedOptions) {
    this.policy = options.retryPolicy;
  }

  get current(): Readonly<RetryPolicy> {
    return this.policy;
  }

  /** A complete policy from a partial one. @throws HauynaError `validation_error` that names every problem */
  merge(partial: Partial<RetryPolicy>): RetryPolicy {
    const checks = new OptionChecks();
    const policy = resolveRetryPolicy(checks, partial, this.policy);
    if (checks.problems.length > 0)
      throw new HauynaError('validation_error', `${checks.problems.join('; ')}.`);
    return policy;
  }

  set(policy: RetryPolicy): void {
    this.policy = Object.freeze({ ...policy });
  }
}
