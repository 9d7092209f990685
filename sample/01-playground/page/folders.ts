import { fileURLToPath } from 'node:url';

/** The sample's own folder; this file runs compiled, in `.build/page/`. */
export const SAMPLE = new URL('../../', import.meta.url);

export const PUBLIC = fileURLToPath(new URL('public/', SAMPLE));
