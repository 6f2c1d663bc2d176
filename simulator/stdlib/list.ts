import { anything, param, plain } from './function.ts'

/** Both add one element, also where it is a list. https://cloud.google.com/workflows/docs/reference/stdlib/list/concat */
export const list = {
  'list.concat': plain([param('objs', 'list'), anything('val')], ([items, value]) => [...items, value]),
  'list.prepend': plain([param('objs', 'list'), anything('val')], ([items, value]) => [value, ...items]),
}
