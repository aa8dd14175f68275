// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * An "interface" as the program sees it: one of the places between which it forwards. The
 * numbers (the ordinals) go into hash keys and event tags.
 */
public enum Pif {
    /** No interface; 0. */
    NONE("<none>"),
    /** Sockets in the namespace the program was started in; 1. */
    HOST("HOST"),
    /** The layer-2 channel to the guest, whatever its kind; 2. */
    TAP("TAP"),
    /** Sockets in the guest's namespace; 3. */
    SPLICE("SPLICE");

    private static final Pif[] BY_NUMBER = values();

    private final String text;

    Pif(String text) {
        this.text = text;
    }

    /** The pif with a number, 0 to 3. */
    public static Pif of(int number) {
        return BY_NUMBER[number];
    }

    /** Its number, 0 to 3. */
    public int number() {
        return ordinal();
    }

    /** Whether it is made of sockets. */
    public boolean isSocket() {
        return this == HOST || this == SPLICE;
    }

    /** The name as log lines show it. */
    @Override
    public String toString() {
        return text;
    }
}
