// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks the C compiler, and so the headers of this machine, what expressions are worth. */
final class CHeaders {
    private CHeaders() {
    }

    /** Text of a program that prints, run; fails if there is no compiler. */
    static List<String> run(String program) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("headers");
        Path source = directory.resolve("c.c");
        Path binary = directory.resolve("c");
        try {
            Files.writeString(source, program);
            output("gcc", "-w", "-o", binary.toString(), source.toString());
            return output(binary.toString());
        } finally {
            Files.deleteIfExists(source);
            Files.deleteIfExists(binary);
            Files.deleteIfExists(directory);
        }
    }

    /**
     * Values of integer expressions.
     *
     * @param optional which may be missing from older headers: names of macros
     * @return as text, "absent" for a missing macro
     */
    static List<String> values(String[] includes, List<String> expressions, List<String> optional)
            throws IOException, InterruptedException {
        var program = new StringBuilder("#define _GNU_SOURCE\n");
        for (String include : includes) {
            program.append("#include <").append(include).append(">\n");
        }
        program.append("#include <stdio.h>\n#include <stddef.h>\nint main(void) {\n");
        for (String expression : expressions) {
            if (optional.contains(expression)) {
                program.append("#ifndef ").append(expression)
                        .append("\nputs(\"absent\");\n#else\n");
            }
            program.append("printf(\"%lld\\n\", (long long) (").append(expression).append("));\n");
            if (optional.contains(expression)) {
                program.append("#endif\n");
            }
        }
        return run(program.append("return 0; }\n").toString());
    }

    private static List<String> output(String... command)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command[0] + " failed:\n" + text);
        }
        return new ArrayList<>(text.lines().toList());
    }
}
