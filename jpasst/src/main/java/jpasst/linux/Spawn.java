// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** posix_spawn(3): its attributes, its file actions and its lists of strings. */
final class Spawn {
    static final int ATTRIBUTES_LENGTH = 336;
    static final int FILE_ACTIONS_LENGTH = 80;
    static final int SETPGROUP = 2;
    static final int SETSIGDEF = 4;
    static final int SETSIGMASK = 8;
    /** Signals that a caller may have had ignored on purpose: HUP, INT, QUIT, TERM. */
    private static final long CALLERS_SIGNALS = 1L << Signals.SIGHUP - 1
            | 1L << Signals.SIGINT - 1 | 1L << Signals.SIGQUIT - 1 | 1L << Signals.SIGTERM - 1;

    private Spawn() {
    }

    /** See {@link Processes#posixSpawn}. These functions return the error, not -1 and errno. */
    static int spawn(byte[] file, byte[][] arguments, byte[][] environment, boolean leader,
            int... descriptors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES_LENGTH, 8);
            MemorySegment actions = arena.allocate(FILE_ACTIONS_LENGTH, 8);
            must(Native.callInt(Native.function("posix_spawnattr_init"), attributes.address()));
            must(Native.callInt(Native.function("posix_spawn_file_actions_init"),
                    actions.address()));
            try {
                resetSignals(arena, attributes);
                must(Native.callInt(Native.function("posix_spawnattr_setflags"),
                        attributes.address(),
                        SETSIGDEF | SETSIGMASK | (leader ? SETPGROUP : 0)));
                duplicate(actions, descriptors);
                MemorySegment pid = arena.allocate(4, 4);
                int error = Native.callInt(Native.function("posix_spawnp"), pid.address(),
                        CString.of(arena, file).address(), actions.address(),
                        attributes.address(), strings(arena, arguments).address(),
                        strings(arena, environment).address());
                return error == 0 ? pid.get(ValueLayout.JAVA_INT, 0) : -error;
            } finally {
                Native.callInt(Native.function("posix_spawn_file_actions_destroy"),
                        actions.address());
                Native.callInt(Native.function("posix_spawnattr_destroy"), attributes.address());
            }
        }
    }

    private static void resetSignals(Arena arena, MemorySegment attributes) {
        MemorySegment most = arena.allocate(Signals.SET_LENGTH, 8).fill((byte) 0xff);
        most.set(ValueLayout.JAVA_LONG, 0, ~CALLERS_SIGNALS);
        MemorySegment none = arena.allocate(Signals.SET_LENGTH, 8);
        must(Native.callInt(Native.function("posix_spawnattr_setsigdefault"),
                attributes.address(), most.address()));
        must(Native.callInt(Native.function("posix_spawnattr_setsigmask"),
                attributes.address(), none.address()));
    }

    /** dup2 of a descriptor onto itself clears close-on-exec (POSIX.1-2024, glibc 2.29). */
    private static void duplicate(MemorySegment actions, int[] descriptors) {
        MemorySegment function = Native.function("posix_spawn_file_actions_adddup2");
        for (int i = 0; i + 1 < descriptors.length; i += 2) {
            must(Native.callInt(function, actions.address(), descriptors[i], descriptors[i + 1]));
        }
    }

    /** A null-terminated array of pointers to C strings. */
    private static MemorySegment strings(Arena arena, byte[][] list) {
        MemorySegment pointers = arena.allocate((list.length + 1L) * 8, 8);
        for (int i = 0; i < list.length; i++) {
            pointers.setAtIndex(ValueLayout.JAVA_LONG, i, CString.of(arena, list[i]).address());
        }
        return pointers;
    }

    static byte[] encode(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[][] encode(String[] texts) {
        byte[][] encoded = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            encoded[i] = encode(texts[i]);
        }
        return encoded;
    }

    private static void must(int error) {
        Errno.check("posix_spawn", -error);
    }
}
