import { afterEach } from 'vitest';
import { createTestApp, type TestApp, type TestAppOptions } from '../../../lib/testing/index.js';

/** Starts applications for the tests of a file; each is closed, with its clients, after the test. */
export function useApps(): (options?: TestAppOptions) => Promise<TestApp> {
  const apps: TestApp[] = [];
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });
  return async (options = {}) => {
    const app = await createTestApp(options);
    apps.push(app);
    return app;
  };
}
