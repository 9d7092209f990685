export const $ = (selector) => document.querySelector(selector);

/** Makes an element: `el('p', { class: 'hint', onclick }, 'text', child)`. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Brings a list up to date and leaves the elements that stay where they are, so that focus is not lost. */
export function syncList(list, items, keyOf, create, update) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let previous = null;
  for (const item of items) {
    const key = keyOf(item);
    let child = known.get(key);
    if (child === undefined) {
      child = create(item);
      child.dataset.key = key;
    }
    known.delete(key);
    update(child, item);
    const wanted = previous === null ? list.firstElementChild : previous.nextElementSibling;
    if (wanted !== child) list.insertBefore(child, wanted);
    previous = child;
  }
  for (const child of known.values()) child.remove();
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
