// Drives MQTT.js for the tests: takes a command a line, prints a line for each answer and each message.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const mqtt = createRequire(`${process.cwd()}/`)('mqtt');
const clients = new Map();

const tell = (number, what) => console.log(JSON.stringify({ number, ...what }));

function start(number, command) {
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: command.port,
    protocolVersion: command.version === 5 ? 5 : 4,
    clientId: command.clientId,
    username: command.user,
    password: command.password,
    reconnectPeriod: 0,
    ...(command.will && { will: { topic: command.will, payload: Buffer.from('offline'), qos: 1, retain: true } }),
  });
  clients.set(number, client);
  client.on('error', error => tell(number, { code: error.code }));
  client.on('message', (topic, payload, packet) => tell(number, { topic, payload: `${payload}`, retained: packet.retain }));
  client.on('connect', () => {
    const { topic, payload, qos, retain } = command;
    if (payload === null) {
      client.subscribe(topic, { qos: 1 }, (error, granted, suback) => tell(number, { code: error ? suback.granted[0] : 0 }));
    } else {
      client.publish(topic, payload, { qos, retain }, error => {
        tell(number, { code: error?.code ?? 0 });
        client.end();
      });
    }
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { number, command } = JSON.parse(line);
  if (command === null) {
    // The socket goes without a goodbye.
    clients.get(number).stream.destroy();
    clients.delete(number);
  } else {
    start(number, command);
  }
}
