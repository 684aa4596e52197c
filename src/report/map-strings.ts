/** Returns plain data (strings, numbers, arrays and objects) with each string changed, except for the keys of objects. */
export function mapStrings<Data>(data: Data, change: (text: string) => string): Data {
  return mapValue(data, change) as Data;
}

function mapValue(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapValue(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapValue(item, change)]));
}
