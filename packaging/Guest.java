// SPDX-License-Identifier: Apache-2.0

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * Stands for a virtual machine in the run that {@code packaging/image} learns from. Not part of the
 * program. {@code Guest SOCKET DEVICE} carries frames between passt's socket, where each is behind
 * its length (32 bits, big-endian), and an existing tap device, until passt ends or it is killed.
 */
final class Guest {
    private static final int PREFIX = 4;
    private static final int LONGEST_FRAME = 65535;
    private static final int BATCH_BYTES = 256 << 10;

    /** linux/if_tun.h, linux/if.h: struct ifreq, its name and its flags. */
    private static final int TUNSETIFF = 0x400454ca;
    private static final int IFREQ_BYTES = 40;
    private static final int IFR_FLAGS = 16;
    private static final short IFF_TAP_NO_PI = 0x1002;

    private final SocketChannel socket;
    private final RandomAccessFile device;

    private Guest(SocketChannel socket, RandomAccessFile device) {
        this.socket = socket;
        this.device = device;
    }

    public static void main(String[] arguments) throws Throwable {
        var socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        socket.connect(UnixDomainSocketAddress.of(Path.of(arguments[0])));
        var guest = new Guest(socket, open(arguments[1]));
        start(guest::receive);
        start(guest::transmit);
        System.out.println("ready");
    }

    private static RandomAccessFile open(String name) throws Throwable {
        var device = new RandomAccessFile("/dev/net/tun", "rw");
        Field number = FileDescriptor.class.getDeclaredField("fd");
        number.setAccessible(true);
        Linker linker = Linker.nativeLinker();
        MethodHandle ioctl = linker.downcallHandle(linker.defaultLookup().findOrThrow("ioctl"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                Linker.Option.firstVariadicArg(2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_BYTES);
            request.setString(0, name);
            request.set(ValueLayout.JAVA_SHORT, IFR_FLAGS, IFF_TAP_NO_PI);
            int rc = (int) ioctl.invokeExact(number.getInt(device.getFD()), (long) TUNSETIFF,
                    request);
            if (rc != 0) throw new IOException("cannot open tap device " + name);
        }
        return device;
    }

    /** From the socket to the device. */
    private void receive() throws IOException {
        var buffer = ByteBuffer.allocate(BATCH_BYTES);
        var output = new FileOutputStream(device.getFD());
        while (socket.read(buffer) >= 0) {
            buffer.flip();
            while (buffer.remaining() >= PREFIX) {
                int length = buffer.getInt(buffer.position());
                if (buffer.remaining() < PREFIX + length) break;
                output.write(buffer.array(), buffer.position() + PREFIX, length);
                buffer.position(buffer.position() + PREFIX + length);
            }
            buffer.compact();
        }
        System.exit(0);
    }

    /** From the device to the socket. */
    private void transmit() throws IOException {
        var buffer = ByteBuffer.allocateDirect(PREFIX + LONGEST_FRAME);
        var frame = new byte[LONGEST_FRAME];
        var input = new FileInputStream(device.getFD());
        while (true) {
            int length = input.read(frame);
            buffer.clear().putInt(length).put(frame, 0, length).flip();
            while (buffer.hasRemaining()) socket.write(buffer);
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    /** What fails fails for all: a run without traffic is to be known as one. */
    private static void start(Task task) {
        Thread.ofPlatform().start(() -> {
            try {
                task.run();
            } catch (Exception e) {
                e.printStackTrace();
                System.exit(1);
            }
        });
    }
}
