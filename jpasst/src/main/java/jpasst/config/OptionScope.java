// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** Which of the programs takes an option. In the wrong one an option is an error. */
enum OptionScope {
    /** passt and pasta. */
    BOTH(""),
    /** passt in either of its modes. */
    PASST("passt"),
    /** passt with {@code --vhost-user}. */
    VHOST_USER("passt in vhost-user mode"),
    /** pasta. */
    PASTA("pasta");

    private final String program;

    OptionScope(String program) {
        this.program = program;
    }

    /** The program the option belongs to, as messages name it. */
    String program() {
        return program;
    }

    boolean includes(Mode mode) {
        return this == BOTH || this == (mode == Mode.PASTA ? PASTA : PASST);
    }
}
