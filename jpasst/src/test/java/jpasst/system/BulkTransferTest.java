// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gibibyte each way over each family arrives as it was sent. */
@Order(Integer.MAX_VALUE)
class BulkTransferTest {
    private static final long LENGTH = 1L << 30;

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void upload(String server) {
        try (var sink = new TcpServer(lab.world(), server, TcpServer::digest)) {
            var said = lab.pasta("--config-net")
                    .run(lab.python("tcp.py", "put", server, sink.port(), LENGTH)).ok();
            var seen = sink.report();
            assertEquals("sent " + seen + "\npeer " + seen, said);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void download(String server) {
        try (var source = new TcpServer(lab.world(), server, TcpServer.content(LENGTH))) {
            var said = lab.pasta("--config-net")
                    .run(lab.python("tcp.py", "get", server, source.port())).ok();
            assertEquals("received " + source.report(), said);
        }
    }
}
