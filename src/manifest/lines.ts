// Offsets to lines and columns. Pure; the index is built when the first position is asked for.

export interface LineIndex {
  /** 1-based line and column (in UTF-16 units) of an offset. */
  position(offset: number): { readonly line: number; readonly column: number };
}

export function createLineIndex(text: string): LineIndex {
  let starts: number[] | undefined;
  return {
    position(offset) {
      starts ??= lineStarts(text);
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
