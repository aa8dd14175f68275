// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A connection to QEMU's monitor, in its machine protocol (QMP): a line of JSON each way, and
 * lines that tell of events in between. Lines are looked at as text, which is all the tests need.
 */
final class Monitor implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SocketChannel channel;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    /** Connects to the monitor at {@code path}, where QEMU listens from its beginning. */
    Monitor(Path path) {
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Thread.ofPlatform().daemon().name("monitor").start(this::readAll);
        execute("qmp_capabilities", "");
    }

    /** Gives a command with its arguments, the inner part of a JSON object; it must succeed. */
    void execute(String command, String arguments) {
        var line = "{\"execute\": \"" + command + "\", \"arguments\": {" + arguments + "}}\n";
        try {
            channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        var answer = await(answers, any -> true, command);
        if (!answer.startsWith("{\"return\"")) throw new AssertionError(line + answer);
    }

    /** Waits for an event of this name which has this text in it; earlier others are forgotten. */
    void awaitEvent(String name, String text) {
        await(events, event -> event.contains("\"" + name + "\"") && event.contains(text), name);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void readAll() {
        var reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        try {
            for (String line; (line = reader.readLine()) != null;)
                if (line.contains("\"event\": ")) events.add(line);
                else if (!line.startsWith("{\"QMP\"")) answers.add(line);
        } catch (IOException closed) {
            // By close(), or QEMU ended.
        }
    }

    private static String await(BlockingQueue<String> lines, Predicate<String> fits,
            String what) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                var line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) throw new AssertionError("monitor: waited for " + what);
                if (fits.test(line)) return line;
            }
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
