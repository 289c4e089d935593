/** A value as reports hold it. An integer beyond 2^53 - 1 is a string of its decimal digits. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
