// A schema that is JSON Schema and a TypeScript type at once: the documents are generated from it and the types inferred,
// so that neither can say something else. No library, since browsers load this too.

export type Json = { readonly [key: string]: unknown };

declare const TYPE: unique symbol; // exists for the type checker only

export interface Schema<T> {
  readonly json: Json;
  readonly [TYPE]: T;
}

export type TypeOf<S> = S extends Schema<infer T> ? T : never;
export type Fields = { readonly [name: string]: Schema<unknown> };
export type Shape<F extends Fields> = { readonly [Name in keyof F]: TypeOf<F[Name]> };

const schema = <T>(json: Json): Schema<T> => ({ json }) as Schema<T>;

/** A whole number from 0 on: a count, an ordinal, bytes. */
export const whole = (description: string): Schema<number> => schema({ type: 'integer', minimum: 0, description });
export const decimal = (description: string): Schema<number> => schema({ type: 'number', description });
export const text = (description: string): Schema<string> => schema({ type: 'string', description });
export const flag = (description: string): Schema<boolean> => schema({ type: 'boolean', description });

export const constant = <const V extends string | number>(value: V): Schema<V> => schema({ const: value });
export const oneOf = <const V extends string>(values: readonly V[], description: string): Schema<V> =>
  schema({ type: 'string', enum: values, description });

export const nullable = <T>(inner: Schema<T>): Schema<T | null> => {
  const { description, ...rest } = inner.json;
  return schema({ anyOf: [rest, { type: 'null' }], description });
};

export const list = <T>(item: Schema<T>, description: string): Schema<readonly T[]> =>
  schema({ type: 'array', items: item.json, description });

/** Any names, one kind of value. */
export const record = <T>(value: Schema<T>, description: string): Schema<Readonly<Record<string, T>>> =>
  schema({ type: 'object', additionalProperties: value.json, description });

/** All fields are there; others may come in later versions. */
export const object = <F extends Fields>(fields: F, description: string): Schema<Shape<F>> =>
  schema({
    type: 'object',
    description,
    properties: Object.fromEntries(Object.entries(fields).map(([name, { json }]) => [name, json])),
    required: Object.keys(fields),
  });

/** Stands in documents as a reference to `components.schemas.NAME`. */
export const reference = <T>(name: string): Schema<T> => schema({ $ref: `#/components/schemas/${name}` });
