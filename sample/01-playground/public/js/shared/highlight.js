const TOKENS = [
  ['comment', /\/\*[\s\S]*?\*\/|\/\/.*/],
  ['key', /"(?:[^"\\]|\\.)*"(?=\s*:)/],
  ['string', /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/],
  ['decorator', /@\w+/],
  ['boolean', /\b(?:true|false|null|undefined)\b/],
  [
    'keyword',
    /\b(?:as|async|await|class|const|else|export|extends|for|from|function|if|implements|import|let|new|of|private|readonly|return|this|throw|type|void|constructor)\b/,
  ],
  ['number', /\b\d[\d_.]*\b/],
  ['type', /\b[A-Z]\w+\b/],
];
const ANY = new RegExp(TOKENS.map(([name, { source }]) => `(?<${name}>${source})`).join('|'), 'g');

/** Colours source or JSON. @returns nodes to append; text is never parsed as HTML */
export function highlight(code) {
  const fragment = document.createDocumentFragment();
  let end = 0;
  for (const match of code.matchAll(ANY)) {
    fragment.append(code.slice(end, match.index));
    const [name] = Object.entries(match.groups).find(([, text]) => text !== undefined);
    const span = document.createElement('span');
    span.className = `t-${name}`;
    span.textContent = match[0];
    fragment.append(span);
    end = match.index + match[0].length;
  }
  fragment.append(code.slice(end));
  return fragment;
}
