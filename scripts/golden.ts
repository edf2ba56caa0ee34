// `npm run golden`: writes every golden file anew. Look at the difference before you commit it: it is what users will see.
import { writeFileSync } from 'node:fs';
import { GOLDEN_FILE, goldenText } from '../test/metrics/golden.ts';

const GOLDEN: readonly { file: string; text: () => string }[] = [{ file: GOLDEN_FILE, text: goldenText }];

for (const { file, text } of GOLDEN) {
  writeFileSync(file, text());
  console.log(file);
}
