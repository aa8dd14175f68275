// SPDX-License-Identifier: Apache-2.0

/**
 * From the command line to what the parts of the program need to know.
 *
 * <h2>Life of an option</h2> {@link jpasst.config.Option} is the one table: letter, name, value,
 * which program takes it, help text, and whether this release has it. {@code OptionReader} splits
 * the command line by it, as getopt_long(3) would; {@code OptionParser} gives each option its
 * meaning, in the order of the command line, with a {@code ...Choices} class for each part of the
 * result, and checks what depends on several at the end; {@code OptionValues} knows the syntax and
 * range of values. The result is a {@link jpasst.config.Settings}: immutable records, one for each
 * part of the program. A value that was not given stays null or -1 in them, so that a default
 * which depends on the host is chosen in one place only: {@link jpasst.config.NetworkPlan}, which
 * joins the options with the host's interfaces, routes and resolvers, and after it {@link
 * jpasst.config.ForwardingPlan}, which makes forwarding rules for the families that are left.
 *
 * <h2>Two readers, one table</h2> The launcher must know where the options end, and some of them,
 * before there is a JVM. {@code LauncherOptions} writes the part of the table it needs as a shell
 * file during the build; {@link jpasst.config.LauncherDecision} is how the launcher's decisions
 * come back, and checks that both understood the command line alike.
 *
 * <h2>One table, many readers</h2> What users read is made from the same table during the build,
 * by {@code Documents}: the manual page ({@code ManualPage}, whose long texts are in {@code
 * docs/manual.md}, so that they need not be loaded to run) and the completions of bash and zsh.
 * {@code --help} is {@link jpasst.config.HelpText}. An option without a text fails the build.
 *
 * <h2>Errors</h2> Whatever the user did wrong is a {@link jpasst.config.ConfigurationException}
 * with one line, {@link jpasst.config.OneLine} whatever is in a value. An option which this
 * release does not have is refused by its name, never ignored.
 *
 * <h2>Cost</h2> Reading options makes no system call beyond class loading, and uses no regex,
 * format string, stream or lambda: {@code --help} and mistakes are answered at once.
 *
 * <p>Start reading at {@link jpasst.config.CommandLine}.
 */
package jpasst.config;
