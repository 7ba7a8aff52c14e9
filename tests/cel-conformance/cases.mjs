// Prints the conformance cases of the CEL specification as JSON lines. They come with an npm package, whose version and hash are in the lock file.
import { tests } from "@bufbuild/cel-spec/testdata/conformance.js";

for (const file of tests.suites) {
  for (const section of file.suites ?? []) {
    for (const { original } of section.tests ?? []) {
      const name = `${file.name}/${section.name}/${original.name}`;
      // As text a double stays what it is, whoever reads it.
      console.log(JSON.stringify({ ...original, name, file: file.name }, (key, value) => (key === "doubleValue" ? String(value) : value)));
    }
  }
}
