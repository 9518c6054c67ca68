"""A TCP proxy that loses answers: it forwards a request whole, waits until the broker has answered, and cuts the connection.

The client cannot know whether the request was carried out, and asks again. Answers that name the broker's address are
rewritten to name the proxy's, so that clients stay with it.
"""
import socket
import struct
import threading

import kafka_wire

NAMES_ADDRESS = {kafka_wire.METADATA, kafka_wire.FIND_COORDINATOR, kafka_wire.DESCRIBE_CLUSTER}


class CuttingProxy:
    def __init__(self, target):
        host, port = target.rsplit(":", 1)
        self.target = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.lock = threading.Lock()
        self.to_cut = {}        # api -> how many answers are still to be lost
        self.seen = {}          # api -> requests so far
        self.open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_answers(self, api, count=1):
        with self.lock:
            self.to_cut[api] = count

    def left(self, api):
        with self.lock:
            return self.to_cut.get(api, 0)

    def close(self):
        self.open = False
        self.listener.close()

    def _accept(self):
        while self.open:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    @staticmethod
    def _frame(source):
        def exactly(size):
            got = b""
            while len(got) < size:
                piece = source.recv(size - len(got))
                if not piece:
                    raise ConnectionResetError
                got += piece
            return got

        return exactly(struct.unpack(">i", exactly(4))[0])

    def _serve(self, client):
        try:
            server = socket.create_connection(self.target)
        except OSError:
            client.close()
            return
        asked = {}
        threading.Thread(target=self._answers, args=(server, client, asked), daemon=True).start()
        try:
            while True:
                frame = self._frame(client)
                api, _, correlation = struct.unpack_from(">hhi", frame)
                with self.lock:
                    asked[correlation] = api
                    self.seen[api] = self.seen.get(api, 0) + 1
                server.sendall(struct.pack(">i", len(frame)) + frame)
        except OSError:
            pass
        finally:
            self._shut(client, server)

    def _answers(self, server, client, asked):
        old = b"127.0.0.1" + struct.pack(">i", self.target[1])
        new = b"127.0.0.1" + struct.pack(">i", self.port)
        try:
            while True:
                frame = self._frame(server)
                api = asked.pop(struct.unpack_from(">i", frame)[0], None)
                with self.lock:
                    if self.to_cut.get(api, 0) > 0:
                        self.to_cut[api] -= 1
                        return
                if api in NAMES_ADDRESS:
                    frame = frame.replace(old, new)
                client.sendall(struct.pack(">i", len(frame)) + frame)
        except OSError:
            pass
        finally:
            self._shut(client, server)

    @staticmethod
    def _shut(*sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
