// Reads a JSON object of texts by name, and writes the same object with each text as HashiCorp's formatter has it.
const { format } = require("@cdktf/hcl-tools");

async function main() {
  const given = JSON.parse(require("node:fs").readFileSync(0, "utf-8"));
  const made = {};
  for (const [name, text] of Object.entries(given)) made[name] = await format(text);
  process.stdout.write(JSON.stringify(made), () => process.exit(0)); // its WebAssembly would never end by itself
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
