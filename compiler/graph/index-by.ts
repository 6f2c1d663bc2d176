/** Items by a key, in their order. */
export function indexBy<Item>(
  items: Iterable<Item>,
  key: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const index = new Map<string, Item[]>()
  for (const item of items) {
    const list = index.get(key(item))
    if (list) list.push(item)
    else index.set(key(item), [item])
  }
  return index
}
