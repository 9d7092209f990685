import { fileURLToPath } from 'node:url';

/** The sample's own folder; this file runs compiled, in `.build/page/`. */
export const SAMPLE = new URL('../../', import.meta.url);

export const PUBLIC = fileURLToPath(new URL('public/', SAMPLE));

/** The compiled package: its browser client needs no bundler. */
export const PACKAGE = fileURLToPath(new URL('../', import.meta.resolve('@hauyna/nestjs/client')));
