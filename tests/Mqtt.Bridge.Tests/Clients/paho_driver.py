"""Drives paho for the tests: takes a command a line, prints a line for each answer and each message."""
import json
import socket
import sys
import threading

try:
    import paho.mqtt.client as mqtt
except ImportError:
    sys.exit("paho is needed: install Debian's python3-paho-mqtt.")

printing = threading.Lock()
clients = {}


def tell(number, **what):
    with printing:
        print(json.dumps({"number": number, **what}), flush=True)


def value(code):
    return code if isinstance(code, int) else code.value


def start(number, command):
    client = mqtt.Client(
        command["clientId"], protocol=mqtt.MQTTv5 if command["version"] == 5 else mqtt.MQTTv311, reconnect_on_failure=False)
    client.username_pw_set(command["user"], command["password"])
    if command["will"]:
        client.will_set(command["will"], "offline", qos=1, retain=True)

    def on_connect(client, userdata, flags, code, properties=None):
        if value(code) != 0:
            tell(number, code=value(code))
        elif command["payload"] is None:
            client.subscribe(command["topic"], qos=1)
        else:
            client.publish(command["topic"], command["payload"], command["qos"], command["retain"])

    def on_publish(client, userdata, mid):
        tell(number, code=0)
        client.disconnect()

    def on_subscribe(client, userdata, mid, codes, properties=None):
        tell(number, code=value(codes[0]) if value(codes[0]) >= 0x80 else 0)

    def on_message(client, userdata, message):
        tell(number, topic=message.topic, payload=message.payload.decode(), retained=bool(message.retain))

    client.on_connect, client.on_publish = on_connect, on_publish
    client.on_subscribe, client.on_message = on_subscribe, on_message
    clients[number] = client
    client.connect("127.0.0.1", command["port"], keepalive=30)
    client.loop_start()


for line in sys.stdin:
    order = json.loads(line)
    if order["command"] is None:
        # The socket goes without a goodbye.
        clients.pop(order["number"]).socket().shutdown(socket.SHUT_RDWR)
    else:
        start(order["number"], order["command"])
