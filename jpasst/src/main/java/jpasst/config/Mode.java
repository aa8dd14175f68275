// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** Which of the programs runs: they are one, and differ by where the guest is. */
public enum Mode {
    /** For a virtual machine, at the end of a UNIX socket. */
    PASST,
    /** For a network namespace, behind a tap device. */
    PASTA;

    /**
     * The mode that a name stands for (spec of mode selection).
     *
     * @param program the base name the user called the program by
     * @throws ConfigurationException if it stands for none
     */
    static Mode of(String program) {
        if (program.contains("pasta")) {
            return PASTA;
        }
        if (program.contains("passt")) {
            return PASST;
        }
        throw new ConfigurationException("cannot determine mode: '" + program
                + "' contains neither pasta nor passt");
    }

    /** The name of the program. */
    @Override
    public String toString() {
        return this == PASTA ? "pasta" : "passt";
    }
}
