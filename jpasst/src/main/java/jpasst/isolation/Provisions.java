// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

/**
 * What the JVM would open when it needs a class that it has not loaded yet. All of the program's
 * classes, and those of the JDK's that it used in the build, come from a cache which is mapped at
 * the start. So the JVM may not have opened its own files yet; what it has opened stays open.
 */
final class Provisions {
    /** Part of every JDK, and of no use to us; no run that the cache was made from loads it. */
    private static final String STRANGE_CLASS = "java.time.chrono.ThaiBuddhistEra";

    private Provisions() {
    }

    /** Has the JVM map the classes of the JDK, and load the library that decompresses them. */
    static void open() {
        try {
            Class.forName(STRANGE_CLASS, false, null);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the JDK is not complete", e);
        }
    }
}
