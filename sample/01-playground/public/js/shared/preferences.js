/** Language and theme: kept in the browser, and shared by the page and the panes in it. */
const listeners = new Set();
/** What has been asked for, by language. */
const texts = { en: {}, es: {} };
const parts = ['texts'];

export const preferences = {
  get language() {
    return read('language') ?? (navigator.language.startsWith('es') ? 'es' : 'en');
  },
  set language(value) {
    write('language', value);
  },
  get theme() {
    return read('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  },
  set theme(value) {
    write('theme', value);
  },
};

/** Calls `listener` now and after every change, here or in another frame. */
export function onPreferences(listener) {
  listeners.add(listener);
  listener();
}

export function t(key, values = {}) {
  const text = texts[preferences.language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** Fills in what the HTML says with `data-t`, `data-t-label`, `data-t-title` and `data-t-placeholder`. */
export function fillTexts(values = {}) {
  const { language } = preferences;
  document.documentElement.lang = language;
  const attributes = { t: null, tLabel: 'aria-label', tTitle: 'title', tPlaceholder: 'placeholder' };
  for (const element of document.querySelectorAll(
    '[data-t],[data-t-label],[data-t-title],[data-t-placeholder]',
  )) {
    for (const [key, attribute] of Object.entries(attributes)) {
      const name = element.dataset[key];
      if (name === undefined) continue;
      if (attribute === null) element.textContent = t(name, values);
      else element.setAttribute(attribute, t(name, values));
    }
  }
}

await loadTexts();

addEventListener('storage', (event) => {
  if (event.key?.startsWith('hauyna:')) void changed();
});

onPreferences(() => {
  const chosen = read('theme');
  if (chosen === null) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
});

async function changed() {
  await loadTexts();
  for (const listener of listeners) listener();
}

/** More texts, for a part of the page that is loaded later. */
export async function addTexts(part) {
  parts.push(part);
  await loadTexts();
}

/** One language is enough for most. */
async function loadTexts() {
  const { language } = preferences;
  for (const part of parts) {
    Object.assign(texts[language], (await import(`./${part}.${language}.js`)).TEXTS);
  }
}

function read(name) {
  return localStorage.getItem(`hauyna:${name}`);
}

function write(name, value) {
  localStorage.setItem(`hauyna:${name}`, value);
  void changed();
}
