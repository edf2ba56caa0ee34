// The OpenAPI 3.1 document, made from the table of operations.
import { z } from 'zod';
import { EXHAUSTED, type Operation, OPERATION_NAMES, operationOf, splitName } from './operations.ts';
import { PROBLEM_TYPE } from './problems.ts';
import { ProblemSchema } from './schemas.ts';

type Json = Record<string, unknown>;

function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output' }) as Json;
  return rest;
}

export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const name of OPERATION_NAMES) {
    const { method, path } = splitName(name);
    (paths[path] ??= {})[method] = operationJson(operationOf(name), path === '/readyz');
  }
  return {
    openapi: '3.1.0',
    info: { title: 'arenascope', version, description: 'HTTP bodies in a faithful Netty pooled direct-memory allocator.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } }, // prettier-ignore
    paths,
    components: {
      schemas: { Problem: jsonSchema(ProblemSchema), DirectMemoryExhausted: jsonSchema(EXHAUSTED) },
      securitySchemes: { admin: { type: 'http', scheme: 'bearer', description: 'ARENASCOPE_ADMIN_TOKEN, wherever it is set' } },
    },
  };
}

function operationJson(operation: Operation, isReadiness: boolean): Json {
  const { summary, body, json, isProtected, answers, problems } = operation;
  const content = Object.fromEntries(
    answers.map((answer) => ('json' in answer ? ['application/json', { schema: jsonSchema(answer.json) }] : [answer.media, {}])),
  );
  const problemAnswer = (status: number): [string, Json] => {
    const schema = status === 503 && !isReadiness ? 'DirectMemoryExhausted' : 'Problem';
    return [String(status), { description: 'See docs/errors.md', content: { [PROBLEM_TYPE]: { schema: { $ref: `#/components/schemas/${schema}` } } } }]; // prettier-ignore
  };
  return {
    summary,
    parameters: parametersJson(operation),
    ...(body && { requestBody: { description: body, content: { 'application/octet-stream': {} } } }),
    ...(json && { requestBody: { content: { 'application/json': { schema: jsonSchema(json) } } } }),
    ...(isProtected && { security: [{}, { admin: [] }] }),
    responses: {
      200: { description: 'As asked', content },
      ...Object.fromEntries(problems.map(problemAnswer)),
      default: problemAnswer(0)[1],
    },
  };
}

function parametersJson({ query, parameters = {} }: Operation): Json[] {
  const inPath = Object.entries(parameters).map(([name, description]) => ({ name, in: 'path', required: true, description, schema: { type: 'integer', minimum: 0 } })); // prettier-ignore
  const properties = query === undefined ? {} : (jsonSchema(query)['properties'] as Record<string, Json>);
  return [...inPath, ...Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }))];
}
