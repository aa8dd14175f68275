// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The options of the JVM in {@code launcher/jvm.options}, as far as the sources know better. */
class JvmOptionsTest {
    private static final Pattern UNIT =
            Pattern.compile("-XX:CompileCommand=dontinline,([\\w.$]+)::(\\w+)");

    @Test
    void whatIsCompiledByItselfExists() throws IOException {
        var units = UNIT.matcher(Files.readString(Path.of("../launcher/jvm.options"))).results()
                .toList();
        assertTrue(units.size() > 10, units.size() + " found");
        for (var unit : units) {
            assertTrue(declares(unit.group(1), unit.group(2)), unit.group());
        }
    }

    private static boolean declares(String className, String method) {
        try {
            var type = Class.forName(className, false, JvmOptionsTest.class.getClassLoader());
            return Arrays.stream(type.getDeclaredMethods())
                    .anyMatch(m -> m.getName().equals(method));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
