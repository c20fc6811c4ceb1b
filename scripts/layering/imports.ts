/**
 * The imports of one TypeScript source, read with a parser rather than a pattern: static, type-only, re-exporting, dynamic, and
 * `import('…').Type`. A dynamic import of anything but a literal can't be checked and is reported as such.
 */
import { parseSync, Visitor } from 'oxc-parser';

export interface ImportStatement {
  readonly line: number;
  /** Undefined for a dynamic import whose target is computed. */
  readonly specifier: string | undefined;
}

/** Throws a `SyntaxError` that names the file when the source does not parse. */
export function importsOf(path: string, source: string): ImportStatement[] {
  const { errors, module, program } = parseSync(path, source);
  if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const found: { start: number; specifier: string | undefined }[] = [];
  for (const { start, moduleRequest } of module.staticImports) found.push({ start, specifier: moduleRequest.value });
  for (const { start, entries } of module.staticExports) {
    const request = entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (request) found.push({ start, specifier: request.value });
  }
  const literal = (node: { type: string; value?: unknown }) => (typeof node.value === 'string' ? node.value : undefined);
  new Visitor({
    ImportExpression: (node) => void found.push({ start: node.start, specifier: literal(node.source) }),
    TSImportType: (node) => void found.push({ start: node.start, specifier: literal(node.source) }),
  }).visit(program);
  return found.sort((a, b) => a.start - b.start).map(({ start, specifier }) => ({ specifier, line: lineAt(source, start) }));
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}
