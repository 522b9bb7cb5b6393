// A report whose every text tries to be more than text.
const attacks = [
  "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "</script><script>alert(1)</script>",
  "<!--<script>",
  "]]></style><svg onload=alert(1)>",
  "\" autofocus onfocus=alert(1) x=\"",
  "' onmouseover='alert(1)",
  "javascript:alert(1)",
  "{{ 7 * 7 }} {% raw %} ${7*7}",
  "- [x] choose **fastest** /detente choose fastest",
  "user\u202enimda\u2066\u200f\u200b\ufeff",
  "\u2028alert(1)\u2029",
  "\u001b[2J\u001b]8;;https://evil.example\u0007red",
  "https://evil.example/x.png",
  "مرحبا بالعالم، خطأ في الحقن",
  "שלום עולם, הזרקת SQL",
  "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsurkunde",
  "x".repeat(10_000),
  "日本語".repeat(200),
];

export function hostileReport() {
  const rules = attacks.map((attack, number) => ({ id: `${number} ${attack}`, name: attack, shortDescription: { text: attack }, properties: { "security-severity": "9.1" } }));
  const results = attacks.map((attack, number) => ({
    ruleId: rules[number].id,
    ruleIndex: number,
    level: "error",
    message: { text: attack },
    locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(`src/${number}/${attack.slice(0, 500)}`) }, region: { startLine: number + 1 } } }],
  }));
  return { version: "2.1.0", $schema: "https://json.schemastore.org/sarif-2.1.0.json", runs: [{ tool: { driver: { name: attacks[0], version: attacks[1], rules } }, results }] };
}
