import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const asked = process.env['CHROMIUM_PATH'];
if (asked !== undefined && !existsSync(asked)) {
  throw new Error(`CHROMIUM_PATH is ${asked}, but no such file is there.`);
}
const found = asked ?? PLACES.find((path) => existsSync(path));
if (found === undefined) {
  throw new Error(
    'The browser tests need Chromium or Chrome, and none was found. Install one ("apt-get install chromium" on ' +
      'Debian and Ubuntu, "brew install --cask chromium" on macOS) or set CHROMIUM_PATH to the program.',
  );
}
process.env['CHROMIUM_PATH'] = found;
