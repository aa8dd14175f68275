// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A gibibyte each way through connections of either direction which bypass the tap. */
@Order(Integer.MAX_VALUE - 1)
class SpliceBulkTest {
    private static final long LENGTH = 1L << 30;
    private static final int IN = 7100;
    private static final int OUT = 7200;

    private static Lab lab;
    private static Guest guest;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        guest = lab.guest("-t", "" + IN, "-u", "none", "-T", "" + OUT, "-U", "none");
    }

    @AfterAll
    static void close() {
        guest.close();
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1," + IN, "::1," + OUT})
    void upload(String address, int port) {
        try (var sink = new TcpServer(servers(port), "::", port, TcpServer::digest)) {
            var said = clients(port).run(lab.python("tcp.py", "put", address, port, LENGTH));
            var seen = sink.report();
            assertEquals("sent " + seen + "\npeer " + seen, said.strip());
        }
    }

    @ParameterizedTest
    @CsvSource({"::1," + IN, "127.0.0.1," + OUT})
    void download(String address, int port) {
        try (var source = new TcpServer(servers(port), "::", port, TcpServer.content(LENGTH))) {
            var said = clients(port).run(lab.python("tcp.py", "get", address, port));
            assertEquals("received " + source.report(), said.strip());
        }
    }

    private static NetworkNamespace servers(int port) {
        return port == IN ? guest.inside() : lab.host();
    }

    private static NetworkNamespace clients(int port) {
        return port == IN ? lab.host() : guest.inside();
    }
}
