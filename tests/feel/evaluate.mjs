// Evaluates FEEL with feelin: JSON lines in, JSON lines out.
//
// in:  { source, cell?, input?, context }   dates and their like as { "$": "date and time(\"…\")" }
// out: { value } or { error }               dates and their like as { "$": "…" } likewise
import { createInterface } from 'node:readline';
import { evaluate, unaryTest, FeelDate, FeelDateTime, FeelDuration, FeelTime } from 'feelin';

const NAMES = new Map([[FeelDate, 'date'], [FeelTime, 'time'], [FeelDateTime, 'date and time'], [FeelDuration, 'duration']]);

function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== 'object') return value;
  if ('$' in value) return evaluate(value.$).value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, decode(entry)]));
}

function encode(value) {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'number' && !Number.isFinite(value)) return { $: String(value) };
  if (typeof value !== 'object') return value;
  const name = NAMES.get(value.constructor);
  if (name) return { $: `${name}("${value}")` };
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, encode(entry)]));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { source, cell, input, context } = JSON.parse(line);
  let result;
  try {
    const scope = decode({ ...context, ...(cell ? { '?': input } : {}) });
    result = { value: encode((cell ? unaryTest : evaluate)(source, scope, 'camunda').value) };
  } catch (error) {
    result = { error: String(error.message) };
  }
  process.stdout.write(JSON.stringify(result) + '\n');
}
