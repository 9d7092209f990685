// What the document checks read from Markdown: fenced blocks, headings and links.

/** The fenced blocks: `{language, flags, code, line}`, `line` being that of the first line of code. */
export function blocksOf(text) {
  const blocks = [];
  let open;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*(`{3,}|~{3,})(.*)$/.exec(line);
    if (open !== undefined) {
      if (fence !== null && fence[1].startsWith(open.fence) && fence[2].trim() === '') {
        blocks.push({
          language: open.language,
          flags: open.flags,
          code: open.lines.join('\n'),
          line: open.line,
        });
        open = undefined;
      } else open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    } else if (fence !== null) {
      const [language = '', ...flags] = fence[2].trim().split(/\s+/);
      open = { fence: fence[1], indent: /^\s*/.exec(line)[0], language, flags, lines: [], line: index + 2 };
    }
  }
  if (open !== undefined) throw new Error(`The block opened before line ${open.line} is never closed.`);
  return blocks;
}

/** The text with fenced blocks emptied, line numbers kept. */
export function proseOf(text) {
  let fence;
  return text
    .split('\n')
    .map((line) => {
      const found = /^\s*(`{3,}|~{3,})/.exec(line);
      if (fence === undefined && found === null) return line;
      if (fence === undefined) fence = found[1];
      else if (found !== null && found[1].startsWith(fence)) fence = undefined;
      return '';
    })
    .join('\n');
}

/** The headings: `{level, slug}`, the slug as GitHub makes it. */
export function headingsOf(text) {
  const seen = new Map();
  return [...proseOf(text).matchAll(/^(#{1,6})\s+(.+?)\s*#*$/gm)].map(([, marks, title]) => {
    const base = title
      .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/<[^>]+>/g, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    return { level: marks.length, slug: count === 0 ? base : `${base}-${count}` };
  });
}

/** The targets of links and images that lead to a file of the repository or to a heading. */
export function localLinksOf(text) {
  const prose = proseOf(text).replaceAll(/`[^`\n]*`/g, '');
  const found = [
    ...prose.matchAll(/\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)/g),
    ...prose.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm),
    ...prose.matchAll(/\b(?:href|src)="([^"]+)"/g),
  ];
  return found.map((match) => match[1]).filter((target) => !/^[a-z][a-z+.-]*:|^\/\//i.test(target));
}
