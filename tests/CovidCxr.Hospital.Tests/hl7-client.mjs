// A sender of HL7 v2 that others wrote (node-hl7-client).
// Arguments: the folder with its node_modules, a port, and messages with \r.
import { createRequire } from 'node:module';

const [folder, port, ...texts] = process.argv.slice(2);
const { Client, Message } = createRequire(`${folder}/`)('node-hl7-client');
const client = new Client({ host: '127.0.0.1' });

/** Sends a message by a connection of its own, and tells its answer. */
const send = (text) => new Promise((resolve) => {
  const connection = client.createConnection({ port: Number(port) }, async (response) => {
    const message = response.getMessage();
    resolve(`${message.get('MSA.1').toString()} ${message.get('MSA.2').toString()}`);
  });
  connection.on('connect', () => connection.sendMessage(new Message({ text: text.replaceAll('\\r', '\r') })));
});

for (const text of texts) {
  console.log(await send(text));
}
process.exit(0);
