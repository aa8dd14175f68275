// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.io.IOException;
import java.lang.module.ModuleReader;
import java.util.Iterator;
import java.util.Map;

import jpasst.config.CommandLine;
import jpasst.config.LauncherDecision;
import jpasst.isolation.Isolation;
import jpasst.log.Log;

/**
 * A run that the build learns from ({@code packaging/image}): at its end the JVM writes down which
 * classes there are, and how their methods were used. So there is no sandbox, in which it could
 * not write, and the end is the JVM's. Asked for by a property, which the launcher lets no user's
 * environment set.
 */
final class Training {
    private static final String PROPERTY = "jpasst-training";
    private static final String SUFFIX = ".class";

    private Training() {
    }

    /** Whether this is such a run. */
    static boolean isOn() {
        return System.getProperty(PROPERTY) != null;
    }

    /** Instead of a sandbox. */
    static Isolation isolation(Log log) {
        log.warn("a training run of the build: there is no sandbox");
        return Isolation.none();
    }

    /**
     * After what the command line asked for: passt, if the property has arguments for it, so that
     * one record is of both; then the end of the JVM.
     *
     * @param status of what was run, which is the JVM's unless passt's is another
     */
    static void goOn(int status) {
        String arguments = System.getProperty(PROPERTY);
        end(status != 0 || arguments.isEmpty() ? status : runPasst(arguments.split(" ")));
    }

    private static int runPasst(String[] arguments) {
        return Main.run(LauncherDecision.read(Map.of("JPASST_NAME", "passt",
                "JPASST_TARGET", "guest", "JPASST_SANDBOX", "1")), new Messages("passt"),
                CommandLine.parse("passt", arguments).settings());
    }

    /** Loads all classes, also those that this run makes no use of, and ends the JVM. */
    private static void end(int status) {
        Module module = Training.class.getModule();
        var reference = module.getLayer().configuration().findModule(module.getName())
                .orElseThrow().reference();
        try (ModuleReader reader = reference.open()) {
            for (Iterator<String> names = reader.list().iterator(); names.hasNext(); ) {
                String name = names.next();
                if (!name.endsWith(SUFFIX) || name.indexOf('-') >= 0) continue;
                Class.forName(module, name.substring(0, name.length() - SUFFIX.length())
                        .replace('/', '.'));
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot read the module " + module.getName(), e);
        }
        Runtime.getRuntime().halt(status);
    }
}
