/**
 * Who is in which group. Every method is one atomic step; a rejection (`unavailable`, `timeout`) means that
 * nothing is known about the outcome, and repeating the call is harmless.
 */
export abstract class GroupStore {
  /** @returns whether the user was not a member before */
  abstract add(userId: string, group: string): Promise<boolean>;
  /** @returns whether the user was a member; a group without members does not exist any more */
  abstract remove(userId: string, group: string): Promise<boolean>;
  abstract has(userId: string, group: string): Promise<boolean>;
  /** In the order in which they were added. */
  abstract members(group: string): Promise<readonly string[]>;
  /** In the order in which they were added. */
  abstract groupsOf(userId: string): Promise<readonly string[]>;
  abstract count(group: string): Promise<number>;
  /** Removes every member. @returns who was one */
  abstract clear(group: string): Promise<readonly string[]>;
  /** Removes a user from every group. @returns which those were */
  abstract clearUser(userId: string): Promise<readonly string[]>;
}
