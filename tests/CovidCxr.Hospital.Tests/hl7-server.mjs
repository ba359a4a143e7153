// A receiver of HL7 v2 that others wrote (node-hl7-server). Arguments: the folder with its node_modules, and a port.
import { createRequire } from 'node:module';

const [folder, port] = process.argv.slice(2);
const { Server } = createRequire(`${folder}/`)('node-hl7-server');
const server = new Server({ bindAddress: '127.0.0.1' });
const inbound = server.createInbound({ port: Number(port) }, async (request, response) => {
  const message = request.getMessage();
  const [id, status, number] = ['MSH.10', 'OBR.25', 'PID.3.1'].map((path) => message.get(path).toString());
  console.log(`${id} ${status} ${number}`);
  await response.sendResponse('AA');
});
inbound.on('listen', () => console.log('listens'));
