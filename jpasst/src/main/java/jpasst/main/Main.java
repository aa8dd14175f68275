// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import jpasst.config.CommandLine;
import jpasst.config.ConfigurationException;
import jpasst.config.HelpText;
import jpasst.config.LauncherDecision;
import jpasst.config.Mode;
import jpasst.config.Settings;
import jpasst.linux.LinuxException;
import jpasst.linux.Processes;
import jpasst.listen.ListenException;
import jpasst.namespace.OriginalProcess;

/**
 * The program: reads the command line, and prints what it asks for or runs. Everything that goes
 * wrong is one line on standard error and exit status 1.
 */
public final class Main {
    private Main() {
    }

    /** Runs the program; does not return. */
    public static void main(String[] arguments) {
        LauncherDecision decision = LauncherDecision.read(System.getenv());
        var messages = new Messages(decision.programName());
        CommandLine commandLine;
        try {
            commandLine = CommandLine.parse(decision.programName(),
                    OriginalProcess.arguments(arguments));
        } catch (ConfigurationException e) {
            messages.failed(e.getMessage());
            if (e.wantsUsage()) print(System.err, HelpText.usage(decision.programName()));
            Runtime.getRuntime().halt(1);
            return;
        }
        if (commandLine.text() != null) {
            print(System.out, commandLine.text());
            Runtime.getRuntime().halt(0);
        }
        int status = run(decision, messages, commandLine.settings());
        if (Training.isOn()) Training.goOn(status);
        // Not halt: it waits for safepoints, and nothing is left to be cleaned up.
        Processes.exit(status);
    }

    /** Runs the program that the settings are for: the exit status. */
    static int run(LauncherDecision decision, Messages messages, Settings settings) {
        var readiness = new Readiness(decision);
        try {
            decision.check(settings);
            InheritedDescriptors.close(settings.guest().fd());
            messages.open(settings, decision.logFileDescriptor());
            var base = Foundation.lay(settings, readiness, messages);
            return settings.mode() == Mode.PASTA ? new Pasta(base).run() : new Passt(base).run();
        } catch (ConfigurationException | StartException | ListenException | LinuxException e) {
            messages.failed(e.getMessage());
        } catch (RuntimeException | Error e) {
            messages.failed("internal error: " + e);
            if (settings.log().debug()) e.printStackTrace();
        }
        return 1;
    }

    private static void print(PrintStream stream, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        stream.write(bytes, 0, bytes.length);
        stream.flush();
    }
}
