package dev.toehold.perf.interop;

import dev.toehold.client.Connection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** Both kinds of end of an {@link Exchange}. */
final class Ends {
    private Ends() {}

    static Exchange.End of(Socket socket) {
        return new Exchange.End() {
            @Override
            public InputStream input() throws IOException {
                return socket.getInputStream();
            }

            @Override
            public OutputStream output() throws IOException {
                return socket.getOutputStream();
            }

            @Override
            public void endOutput() throws IOException {
                socket.shutdownOutput();
            }

            @Override
            public void close() throws IOException {
                socket.close();
            }

            @Override
            public String toString() {
                return "kernel";
            }
        };
    }

    static Exchange.End of(Connection connection) {
        return new Exchange.End() {
            @Override
            public InputStream input() {
                return connection.inputStream();
            }

            @Override
            public OutputStream output() {
                return connection.outputStream();
            }

            @Override
            public void endOutput() throws IOException {
                connection.shutdownOutput();
            }

            @Override
            public void close() {
                connection.close();
            }

            @Override
            public String toString() {
                return "engine";
            }
        };
    }
}
