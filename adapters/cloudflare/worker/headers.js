// Headers as lines: a name, then its value. src/headers.rs writes and reads the same.

export function lines(headers) {
  let text = "";
  headers.forEach((value, name) => (text += name + "\n" + value + "\n"));
  return text;
}

/** For `new Headers`, which keeps what is repeated. */
export function pairs(lines) {
  const list = [];
  for (let i = 0; i + 1 < lines.length; i += 2) list.push([lines[i], lines[i + 1]]);
  return list;
}

/** For `fetch`: a plain object is the cheapest. */
export function record(lines) {
  const headers = { __proto__: null };
  for (const [name, value] of pairs(lines)) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  return headers;
}

/** Applies edits: first names to remove, then lines to add. */
export function edit(headers, removals, lines) {
  for (const name of lines.slice(0, removals)) headers.delete(name);
  for (const [name, value] of pairs(lines.slice(removals))) headers.append(name, value);
  return headers;
}
