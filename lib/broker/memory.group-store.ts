import { Injectable } from '@nestjs/common';
import { GroupStore } from './group-store.js';

/** Groups of a single process. */
@Injectable()
export class MemoryGroupStore extends GroupStore {
  private readonly byGroup = new Map<string, Set<string>>();
  private readonly byUser = new Map<string, Set<string>>();

  async add(userId: string, group: string): Promise<boolean> {
    const members = this.byGroup.get(group) ?? new Set();
    if (members.has(userId)) return false;
    members.add(userId);
    this.byGroup.set(group, members);
    const groups = this.byUser.get(userId) ?? new Set();
    groups.add(group);
    this.byUser.set(userId, groups);
    return true;
  }

  async remove(userId: string, group: string): Promise<boolean> {
    return this.drop(userId, group);
  }

  async has(userId: string, group: string): Promise<boolean> {
    return this.byGroup.get(group)?.has(userId) ?? false;
  }

  async members(group: string): Promise<readonly string[]> {
    return [...(this.byGroup.get(group) ?? [])];
  }

  async groupsOf(userId: string): Promise<readonly string[]> {
    return [...(this.byUser.get(userId) ?? [])];
  }

  async count(group: string): Promise<number> {
    return this.byGroup.get(group)?.size ?? 0;
  }

  async clear(group: string): Promise<readonly string[]> {
    const members = [...(this.byGroup.get(group) ?? [])];
    for (const userId of members) this.drop(userId, group);
    return members;
  }

  async clearUser(userId: string): Promise<readonly string[]> {
    const groups = [...(this.byUser.get(userId) ?? [])];
    for (const group of groups) this.drop(userId, group);
    return groups;
  }

  private drop(userId: string, group: string): boolean {
    const members = this.byGroup.get(group);
    if (members === undefined || !members.delete(userId)) return false;
    if (members.size === 0) this.byGroup.delete(group);
    const groups = this.byUser.get(userId);
    groups?.delete(group);
    if (groups?.size === 0) this.byUser.delete(userId);
    return true;
  }
}
