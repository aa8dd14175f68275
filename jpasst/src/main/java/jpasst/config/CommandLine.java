// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** What a command line asks for: a text to print ({@code --help}), or a run. */
public final class CommandLine {
    private final String text;
    private final Settings settings;

    private CommandLine(String text, Settings settings) {
        this.text = text;
        this.settings = settings;
    }

    /**
     * Reads a command line. Needs no system call and no lookup: whether an interface or a
     * process exists is found out later.
     *
     * @param program base name of the command, which selects the mode
     * @param arguments the arguments after the name
     * @return what to do
     * @throws ConfigurationException if the user made a mistake, or asks for what this release
     *         does not have
     */
    public static CommandLine parse(String program, String[] arguments) {
        var parser = new OptionParser(Mode.of(program), arguments);
        var text = parser.readOptions();
        return text != null
                ? new CommandLine(text, null)
                : new CommandLine(null, parser.settings());
    }

    /**
     * The text to print on standard output before exiting with status 0.
     *
     * @return lines, or null if there is nothing to print but a program to run
     */
    public String text() {
        return text;
    }

    /**
     * The settings of a run.
     *
     * @return null exactly if {@link #text} is not
     */
    public Settings settings() {
        return settings;
    }
}
