import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What the compiler says about a piece of a program: one `line: TScode text` an error. */
export interface Snippet {
  name: string;
  code: string;
}

/** Compiles snippets as files of test/types, all at once, with the options of the project. */
export function compilerErrors(snippets: readonly Snippet[]): Map<string, string[]> {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = new Map(snippets.map(({ name, code }) => [`${root}test/types/${name}.ts`, code]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => files.get(path) ?? readFile.call(host, path);
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  host.getSourceFile = (path, version, ...rest) => {
    const code = files.get(path);
    if (code === undefined) return getSourceFile.call(host, path, version, ...rest);
    return ts.createSourceFile(path, code, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map(
    snippets.map(({ name }) => {
      const source = program.getSourceFile(`${root}test/types/${name}.ts`);
      return [name, ts.getPreEmitDiagnostics(program, source).map((one) => line(one))];
    }),
  );
}

function line({ file, start = 0, code, messageText }: ts.Diagnostic): string {
  const at = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
  return `${at}: TS${code} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
